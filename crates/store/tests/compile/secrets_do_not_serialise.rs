fn answer<T: serde::Serialize>() {}

fn main() {
    answer::<String>();
    answer::<secrecy::SecretString>();
    answer::<patchbay_store::Kek>();
    answer::<patchbay_store::Vault>();
    answer::<patchbay_store::Sealed>();
}
