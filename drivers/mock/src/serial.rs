//! Serial ports of the mock.

use crate::mock::Mock;
use sinew_board::backend::{MotorPort, Serial, SerialLine};
use sinew_board::{BoardError, SerialSettings};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// An open port; closing it is dropping this.
#[derive(Debug)]
struct Handle {
    mock: Mock,
    port: usize,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.mock.with(|state| state.wires.ports[self.port].close());
    }
}

impl Mock {
    fn open_port(&self, port: &str, settings: SerialSettings) -> Result<Handle, BoardError> {
        let index = self.with(|state| {
            let Some(index) = state.wires.find_port(port) else {
                let known: Vec<_> = state.wires.ports.iter().map(|port| port.name()).collect();
                return Err(BoardError::Unavailable {
                    what: format!("port {port}"),
                    why: format!(
                        "nothing is fitted to it on the mock (fitted: {known:?}); fit a part, or map the port to a device"
                    ),
                });
            };
            let line = &mut state.wires.ports[index];
            line.open(settings);
            let own = line.baud();
            if !settings.frames_as(SerialSettings::new(own)) {
                state.wires.complaints.add(state.wires.now, &format!("port {port}"), || {
                    format!("opened with {settings:?}, but its part talks at {own} baud, 8N1: other bytes will come than were sent")
                });
            }
            Ok(index)
        })?;
        Ok(Handle {
            mock: self.clone(),
            port: index,
        })
    }
}

impl Serial for Mock {
    fn open(
        &self,
        port: &str,
        settings: SerialSettings,
    ) -> Result<Box<dyn SerialLine>, BoardError> {
        Ok(Box::new(self.open_port(port, settings)?))
    }

    fn motor_port(
        &self,
        port: &str,
        settings: SerialSettings,
    ) -> Result<Box<dyn MotorPort>, BoardError> {
        Ok(Box::new(self.open_port(port, settings)?))
    }

    fn is_simulated(&self) -> bool {
        true
    }
}

impl AsyncRead for Handle {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        self.mock.with(|state| {
            let before = buffer.filled().len();
            for byte in state.wires.ports[self.port].read(buffer.remaining(), cx.waker()) {
                buffer.put_slice(&[byte]);
            }
            if buffer.filled().len() == before {
                Poll::Pending
            } else {
                Poll::Ready(Ok(()))
            }
        })
    }
}

impl AsyncWrite for Handle {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.mock
            .with(|state| match state.wires.write(self.port, bytes) {
                0 if !bytes.is_empty() => {
                    state.wires.ports[self.port].wait_for_room(cx.waker());
                    Poll::Pending
                }
                taken => Poll::Ready(Ok(taken)),
            })
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl MotorPort for Handle {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.mock.with(|state| state.wires.write(self.port, bytes)))
    }

    fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        Ok(self.mock.with(|state| {
            let bytes = state.wires.ports[self.port].read(into.len(), Waker::noop());
            into.iter_mut()
                .zip(bytes)
                .map(|(place, byte)| *place = byte)
                .count()
        }))
    }

    fn discard(&self) -> io::Result<()> {
        self.mock.with(|state| {
            let (ports, wakes) = (&mut state.wires.ports, &mut state.wires.wakes);
            ports[self.port].discard(wakes);
        });
        Ok(())
    }

    fn queued(&self) -> usize {
        self.mock
            .with(|state| state.wires.ports[self.port].outbound())
    }
}
