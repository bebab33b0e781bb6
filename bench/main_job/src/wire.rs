//! A small HTTP client on one connection that is kept, so that what is measured is the server. Requests go one after the
//! other on a connection.

use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The largest head of an answer, in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// A connection.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Wire {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, bytes: Vec::new() })
    }

    /// Sends a request and reads its whole answer: the status and the body.
    pub async fn call(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Result<(u16, String)> {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: bench\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
        self.stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await?;
        let end = loop {
            if let Some(end) = self.bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            if self.bytes.len() > MAX_HEAD_BYTES {
                bail!("the head of an answer does not end");
            }
            self.more().await?;
        };
        let head = String::from_utf8_lossy(&self.bytes[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).context("an answer without status")?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.map(str::trim).map(str::parse).transpose()?.unwrap_or(0);
        while self.bytes.len() < end + 4 + length {
            self.more().await?;
        }
        let rest = self.bytes.split_off(end + 4 + length);
        let body = String::from_utf8_lossy(&self.bytes[end + 4..]).into_owned();
        self.bytes = rest;
        Ok((status, body))
    }

    async fn more(&mut self) -> Result<()> {
        let read = self.stream.read_buf(&mut self.bytes).await?;
        if read == 0 {
            bail!("the connection was closed");
        }
        Ok(())
    }
}
