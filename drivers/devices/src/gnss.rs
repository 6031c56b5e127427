//! A satellite receiver (GPS, GLONASS, Galileo, BeiDou) that speaks NMEA 0183.
//!
//! **Wiring.** A USB receiver is a serial port of its own (`/dev/serial/by-id/...`, `/dev/ttyUSB0`, `/dev/ttyACM0`). A module on the
//! header: VCC as its maker says (3.3 V or 5 V), GND to GND, its TX to GPIO15 (header pin 10, RXD); its RX may stay open.
//! Its TX must not drive 5 V. The header's port is `/dev/serial0`, with the login console taken off it (`raspi-config`).
//!
//! **Messages.** Emits a [`Fix`] for each epoch, at the rate of the receiver, also while it has no position: then its mode
//! is [`FixMode::None`](sinew_messages::FixMode::None). The fix comes with the last sentence of the epoch, once that was seen to be the last twice.
//!
//! **Fails** if the port cannot be opened or is gone, and if no good sentence came for `silent_after_ms`. It drives nothing. Damage
//! on the line (wrong checksums, binary bytes, cut sentences) is dropped and counted. A port may be unplugged for
//! hours: supervise this device with [`Restart::patient`](sinew_runtime::Restart::patient), and it is opened again when it comes back.
//!
//! Source: [`sinew_chips::nmea`], compared with gpsd on recordings of a SiRF IV, an MT3339 and a u-blox NEO-M8N.

use crate::ReadCounters;
use crate::ranges::range;
use serde::{Deserialize, Serialize};
use sinew_board::{Board, ClaimError, SerialPort, SerialSettings, Timestamp};
use sinew_chips::{EpochAssembler, NmeaCounts, NmeaDamage, NmeaDecoder, NmeaItem};
use sinew_messages::Fix;
use sinew_runtime::{Actor, Context, Emits, Factory, Failure, Handler};
use std::io;
use std::time::Duration;
use tokio_util::bytes::{Buf, BytesMut};
use tokio_util::codec::{Decoder, FramedRead};

/// Which port a receiver is on and how it talks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GnssConfig {
    /// The robot's name for the port; `[board.ports]` says which device it is on a real board.
    pub port: String,
    /// Bits per second, 8 data bits, no parity: 1200 to 921600. NMEA 0183 says 4800, most receivers 9600.
    #[serde(deserialize_with = "baud")]
    pub baud: u32,
    /// Without a good sentence for so long the receiver has failed: 1000 to 600000 ms.
    #[serde(deserialize_with = "silent_after_ms")]
    pub silent_after_ms: u64,
}

range!(baud: u32, 1200..=921_600);
range!(silent_after_ms: u64, 1000..=600_000);

impl GnssConfig {
    /// A receiver on this port, at this speed.
    #[must_use]
    pub fn at(port: &str, baud: u32) -> Self {
        Self {
            port: port.to_owned(),
            baud,
            // Five times the cycle of nearly all receivers, which is one second.
            silent_after_ms: 5000,
        }
    }
}

impl Default for GnssConfig {
    fn default() -> Self {
        Self::at("gnss", 9600)
    }
}

/// What a [`Gnss`] counted since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GnssCounters {
    /// Bytes, sentences, and each kind of damage.
    pub line: NmeaCounts,
    /// Fixes published.
    pub fixes: u64,
    /// Sentences that came after the fix of their epoch was out.
    pub late: u64,
}

/// Why a receiver failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GnssError {
    /// Nothing came.
    #[error(
        "GNSS on port {port:?}: no byte for {for_ms} ms; check its power, that its TX reaches our RX, and the port's name"
    )]
    Silent {
        /// The port.
        port: String,
        /// How long.
        for_ms: u64,
    },
    /// Bytes came, and no sentence.
    #[error(
        "GNSS on port {port:?}: bytes but no good sentence for {for_ms} ms ({last}); check the baud rate, which is {baud}"
    )]
    Unintelligible {
        /// The port.
        port: String,
        /// How long.
        for_ms: u64,
        /// The newest damage.
        last: NmeaDamage,
        /// The configured speed.
        baud: u32,
    },
}

/// The actor of a satellite receiver.
#[derive(Debug)]
pub struct Gnss {
    /// Handed over to the actor's input when it starts.
    port: Option<SerialPort>,
    config: GnssConfig,
    epochs: EpochAssembler,
    counters: GnssCounters,
    /// When the last good sentence came, or the actor started.
    heard_at: Timestamp,
    /// The newest damage since then.
    damage: Option<NmeaDamage>,
}

/// Time to look whether the receiver has fallen silent.
#[derive(Clone, Copy, Debug)]
struct Listen;

impl Gnss {
    /// Claims the receiver's port; the factory opens it at each start.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] if the port has an owner.
    pub fn on(board: &Board, config: &GnssConfig) -> Result<Factory<Self>, ClaimError> {
        let settings = SerialSettings::new(config.baud);
        let claim = board.serial("GNSS receiver", &config.port, settings)?;
        let (names, config) = (claim.clone(), config.clone());
        let factory = Factory::new(move || {
            Ok(Self {
                port: Some(claim.open()?),
                config: config.clone(),
                epochs: EpochAssembler::default(),
                counters: GnssCounters::default(),
                heard_at: Timestamp::ZERO,
                damage: None,
            })
        });
        Ok(factory.named(move |node| names.owned_by(node)))
    }
}

impl Actor for Gnss {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let port = self
            .port
            .take()
            .ok_or_else(|| Failure::new("a start needs an open port"))?;
        ctx.try_board_input("nmea", FramedRead::new(port, NmeaCodec::default()));
        self.heard_at = stamp(ctx);
        // A silence is noticed at most a quarter later than it should be.
        ctx.every(
            Duration::from_millis(self.config.silent_after_ms / 4),
            Listen,
        );
        Ok(())
    }
}

impl Emits<Fix> for Gnss {}

impl Handler<NmeaFrame> for Gnss {
    type Reply = ();
    async fn handle(&mut self, frame: NmeaFrame, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.counters.line = frame.counts;
        match frame.item {
            NmeaItem::Damage(damage) => self.damage = Some(damage),
            NmeaItem::Sentence(sentence) => {
                self.heard_at = stamp(ctx);
                self.damage = None;
                for fix in self.epochs.push(&sentence, self.heard_at) {
                    self.counters.fixes += 1;
                    ctx.publish(fix);
                }
                self.counters.late = self.epochs.late();
            }
        }
        Ok(())
    }
}

impl Handler<Listen> for Gnss {
    type Reply = ();
    async fn handle(&mut self, _: Listen, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let quiet = stamp(ctx).since(self.heard_at);
        if quiet < Duration::from_millis(self.config.silent_after_ms) {
            return Ok(());
        }
        let port = self.config.port.clone();
        let for_ms = u64::try_from(quiet.as_millis()).unwrap_or(u64::MAX);
        Err(match self.damage {
            None => GnssError::Silent { port, for_ms },
            Some(last) => {
                let baud = self.config.baud;
                GnssError::Unintelligible {
                    port,
                    for_ms,
                    last,
                    baud,
                }
            }
        }
        .into())
    }
}

impl Handler<ReadCounters> for Gnss {
    type Reply = GnssCounters;
    async fn handle(
        &mut self,
        _: ReadCounters,
        _: &mut Context<Self>,
    ) -> Result<GnssCounters, Failure> {
        Ok(self.counters)
    }
}

fn stamp(ctx: &Context<Gnss>) -> Timestamp {
    Timestamp::from_nanos(ctx.now().nanos())
}

/// One item of the line, and what the line has counted with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NmeaFrame {
    /// The sentence, or the damage that was dropped.
    pub item: NmeaItem,
    /// All that came so far.
    pub counts: NmeaCounts,
}

/// [`NmeaDecoder`] as a codec of tokio. It takes all bytes that it is given, so that the read buffer never grows; damage is
/// an item, and an error is only ever the port's.
#[derive(Clone, Debug, Default)]
pub struct NmeaCodec {
    decoder: NmeaDecoder,
}

impl NmeaCodec {
    fn frame(&self, item: Option<NmeaItem>) -> Option<NmeaFrame> {
        let counts = self.decoder.counts();
        item.map(|item| NmeaFrame { item, counts })
    }
}

impl Decoder for NmeaCodec {
    type Item = NmeaFrame;
    type Error = io::Error;

    fn decode(&mut self, bytes: &mut BytesMut) -> io::Result<Option<NmeaFrame>> {
        let (taken, item) = self.decoder.take(bytes);
        bytes.advance(taken);
        Ok(self.frame(item))
    }

    fn decode_eof(&mut self, bytes: &mut BytesMut) -> io::Result<Option<NmeaFrame>> {
        if let Some(frame) = self.decode(bytes)? {
            return Ok(Some(frame));
        }
        let item = self.decoder.finish();
        Ok(self.frame(item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENTENCE: &[u8] = b"$GPZDA,202640.000,13,04,2015,,*54\r\n";

    #[test]
    fn the_codec_takes_every_byte_and_keeps_none() {
        let mut codec = NmeaCodec::default();
        let mut bytes = BytesMut::from(&SENTENCE[..20]);
        assert_eq!(codec.decode(&mut bytes).unwrap(), None);
        assert!(bytes.is_empty());
        bytes.extend_from_slice(&SENTENCE[20..]);
        bytes.extend_from_slice(&[b'x'; 10_000]);
        let items: Vec<_> = std::iter::from_fn(|| codec.decode(&mut bytes).unwrap()).collect();
        assert_eq!(items.len(), 2);
        assert!(bytes.is_empty());
        assert_eq!((items[1].counts.sentences, items[1].counts.stray), (1, 1));
    }

    #[test]
    fn a_stream_that_ends_in_a_sentence_ends_with_a_truncated_one() {
        let mut codec = NmeaCodec::default();
        let mut bytes = BytesMut::from(&b"$GPZDA,2026"[..]);
        let last = codec.decode_eof(&mut bytes).unwrap().unwrap();
        assert_eq!(last.item, NmeaItem::Damage(NmeaDamage::Truncated));
        assert_eq!(codec.decode_eof(&mut bytes).unwrap(), None);
    }

    #[test]
    fn the_errors_name_the_port_and_the_remedy() {
        let text = GnssError::Unintelligible {
            port: "gnss".into(),
            for_ms: 5000,
            last: NmeaDamage::Binary,
            baud: 9600,
        }
        .to_string();
        assert!(text.contains("\"gnss\"") && text.contains("baud rate") && text.contains("9600"));
    }
}
