//! The smallest HTTP/1.1 client that keeps its connection: what it costs must not be what is measured.

use std::{io, net::Ipv4Addr};

use tokio::{io::AsyncReadExt as _, io::AsyncWriteExt as _, net::TcpStream};

use crate::Failure;

/// The most that an answer may hold: a page that grows without end must not take the machine with it.
const MOST: usize = 16 * 1024 * 1024;

/// An answer, read to its end.
#[derive(Debug, Default)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Status line and header lines.
    pub head: String,
    /// The body, put together again where it came in chunks.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of this name, in lower case.
    pub fn header<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.headers(name).next()
    }

    /// All headers of this name, in lower case.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A connection to a port of this machine.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub async fn open(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(128 * 1024),
        })
    }

    /// Sends a request and gives the status; the rest is read and thrown away.
    pub async fn status(&mut self, request: &[u8]) -> Result<u16, Failure> {
        self.stream.write_all(request).await?;
        self.receive(None).await
    }

    /// Sends a request and gives the whole answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        let mut answer = Answer::default();
        self.stream.write_all(request).await?;
        answer.status = self.receive(Some(&mut answer)).await?;
        Ok(answer)
    }

    async fn receive(&mut self, mut keep: Option<&mut Answer>) -> Result<u16, Failure> {
        let end = self.find(b"\r\n\r\n").await? + 4;
        let head = std::str::from_utf8(self.buffer.get(..end).unwrap_or_default())?;
        let status = head.get(9..12).unwrap_or_default().parse()?;
        let length = length(head)?;
        if let Some(answer) = keep.as_deref_mut() {
            head.clone_into(&mut answer.head);
        }
        self.buffer.drain(..end);
        if let Some(length) = length {
            self.take(length, 0, keep).await?;
            return Ok(status);
        }
        loop {
            let line = self.find(b"\r\n").await?;
            let size = std::str::from_utf8(self.buffer.get(..line).unwrap_or_default())?;
            let size = usize::from_str_radix(size.split(';').next().unwrap_or(size).trim(), 16)?;
            self.buffer.drain(..line + 2);
            self.take(size, 2, keep.as_deref_mut()).await?;
            if size == 0 {
                return Ok(status);
            }
        }
    }

    /// Takes `length` bytes of the body and `after` bytes that follow it.
    async fn take(&mut self, length: usize, after: usize, keep: Option<&mut Answer>) -> Result<(), Failure> {
        if length > MOST {
            return Err("an answer is larger than any page".into());
        }
        while self.buffer.len() < length + after {
            self.fill().await?;
        }
        if let Some(answer) = keep {
            answer
                .body
                .extend_from_slice(self.buffer.get(..length).unwrap_or_default());
        }
        self.buffer.drain(..length + after);
        Ok(())
    }

    /// Reads until these bytes are there, and says where.
    async fn find(&mut self, wanted: &[u8]) -> Result<usize, Failure> {
        let mut from = 0;
        loop {
            let seen = self.buffer.get(from..).unwrap_or_default();
            if let Some(at) = seen.windows(wanted.len()).position(|window| window == wanted) {
                return Ok(from + at);
            }
            if self.buffer.len() > MOST {
                return Err("an answer has no end".into());
            }
            from = self.buffer.len().saturating_sub(wanted.len());
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), Failure> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err("the connection was closed in the middle of an answer".into());
        }
        Ok(())
    }
}

/// The body's length, or none where it comes in chunks.
fn length(head: &str) -> Result<Option<usize>, Failure> {
    for line in head.lines().skip(1) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            return Ok(Some(value.trim().parse()?));
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Ok(None);
        }
    }
    Err("an answer says nothing about its length".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_kinds_of_bodies_are_read_on_one_connection() {
        // Given a server that answers first in chunks, then with a length, in awkward pieces
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 64];
            for pieces in [
                &[
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r",
                    "\n3\r\nab",
                    "c\r\n0\r\n\r\n",
                ][..],
                &[
                    "HTTP/1.1 303 See Other\r\nLocation: /x\r\ncontent-length: 2\r\n\r\n",
                    "de",
                ][..],
            ] {
                assert!(stream.read(&mut request).await.unwrap() > 0);
                for piece in pieces {
                    stream.write_all(piece.as_bytes()).await.unwrap();
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
            }
        });

        // When both are asked for
        let mut connection = Connection::open(port).await.unwrap();
        let first = connection.ask(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let second = connection.ask(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();

        // Then each is whole
        assert_eq!((first.status, first.text().as_str()), (200, "abc"));
        assert_eq!((second.status, second.text().as_str()), (303, "de"));
        assert_eq!(second.header("location"), Some("/x"));
        server.await.unwrap();
    }
}
