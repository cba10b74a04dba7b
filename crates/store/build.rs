//! A new migration step is a new file: without this, cargo would not notice it and the program would lack it.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
