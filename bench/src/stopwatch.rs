//! A relay in front of the simulator that measures how long the provider takes.

use std::{
    io,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// The relay. Ends when it is dropped.
pub struct Stopwatch {
    /// The port to call in the simulator's place.
    pub port: u16,
    nanos: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Stopwatch {
    /// Starts to listen.
    pub async fn start(simulator: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let nanos = Arc::new(AtomicU64::new(0));
        let sum = Arc::clone(&nanos);
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let sum = Arc::clone(&sum);
                // An end of either side ends the relay of this connection; the client sees that by itself.
                tokio::spawn(async move { drop(relay(near, simulator, &sum).await) });
            }
        });
        Ok(Self { port, nanos, task })
    }

    /// The provider's time since the last call of this: from the first byte of each request that arrived to the last
    /// byte of its answer that left.
    pub fn take(&self) -> Duration {
        Duration::from_nanos(self.nanos.swap(0, Ordering::SeqCst))
    }
}

impl Drop for Stopwatch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn relay(near: TcpStream, simulator: u16, sum: &AtomicU64) -> io::Result<()> {
    let far = TcpStream::connect((Ipv4Addr::LOCALHOST, simulator)).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (mut near_in, mut near_out) = near.into_split();
    let (mut far_in, mut far_out) = far.into_split();
    let (mut asked, mut answered) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut since: Option<Instant> = None;
    let mut answering = false;
    loop {
        tokio::select! {
            read = near_in.read(&mut asked) => {
                let count = read?;
                if count == 0 {
                    return Ok(());
                }
                // Bytes after an answer began are the next request.
                if since.is_none() || answering {
                    since = Some(Instant::now());
                    answering = false;
                }
                far_out.write_all(asked.get(..count).unwrap_or_default()).await?;
            }
            read = far_in.read(&mut answered) => {
                let count = read?;
                if count == 0 {
                    return Ok(());
                }
                // Counted before the bytes go on: who has the whole answer finds all of its time counted.
                answering = true;
                if let Some(from) = since {
                    let now = Instant::now();
                    let nanos = u64::try_from(now.duration_since(from).as_nanos()).unwrap_or(u64::MAX);
                    sum.fetch_add(nanos, Ordering::SeqCst);
                    since = Some(now);
                }
                near_out.write_all(answered.get(..count).unwrap_or_default()).await?;
            }
        }
    }
}
