//! The same by hand: tasks, `mpsc` and `oneshot` on a current-thread tokio runtime.

use std::error::Error;
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

use crate::payload::Payload;
use crate::samples::{BATCH, Receiver};

/// The room of every queue, ours and raw.
pub const ROOM: usize = 1_024;

/// Runs a task, and those that it spawns, on this thread alone. Plain tasks: a `LocalSet` would slow them down.
fn on_this_thread<T: Send + 'static>(
    task: impl Future<Output = Result<T, &'static str>> + Send + 'static,
) -> Result<T, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    Ok(runtime.block_on(runtime.spawn(task))??)
}

/// What a mailbox made by hand carries.
enum Letter<M> {
    Value(M),
    Question(M, oneshot::Sender<u64>),
}

/// A task sends, another matches.
///
/// # Errors
/// When a message is lost.
pub fn tell<M: Payload>(batches: u64) -> Result<Vec<f64>, Box<dyn Error>> {
    on_this_thread(async move {
        let (sender, receiver) = mpsc::channel(ROOM);
        let receiving = tokio::spawn(receive::<M>(receiver, batches));
        for number in 0..batches * BATCH {
            sender
                .send(Letter::Value(M::of(number)))
                .await
                .map_err(|_| "closed")?;
        }
        drop(sender);
        receiving.await.map_err(|_| "the receiver panicked")
    })?
    .finish(batches)
}

/// A task sends without waiting, in bursts; the other says when it has handled one.
///
/// # Errors
/// When a message is lost.
pub fn publish<M: Payload>(batches: u64, burst: u64) -> Result<Vec<f64>, Box<dyn Error>> {
    on_this_thread(async move {
        let (sender, mut values) = mpsc::channel::<Letter<M>>(ROOM);
        let (handled, mut go_on) = mpsc::channel(1);
        let receiving = tokio::spawn(async move {
            let mut receiver = Receiver::new(batches);
            for left in (0..batches * BATCH).rev() {
                match values.recv().await {
                    Some(Letter::Value(value)) => receiver.count(value.number()),
                    Some(Letter::Question(..)) | None => break,
                }
                if left.is_multiple_of(burst) && handled.send(()).await.is_err() {
                    break;
                }
            }
            receiver
        });
        for number in 0..batches * BATCH {
            let value = Letter::Value(M::of(number));
            sender.try_send(value).map_err(|_| "full or closed")?;
            if (number + 1).is_multiple_of(burst) {
                go_on.recv().await.ok_or("the receiver is gone")?;
            }
        }
        receiving.await.map_err(|_| "the receiver panicked")
    })?
    .finish(batches)
}

async fn receive<M: Payload>(mut letters: mpsc::Receiver<Letter<M>>, batches: u64) -> Receiver {
    let mut receiver = Receiver::new(batches);
    while let Some(letter) = letters.recv().await {
        match letter {
            Letter::Value(value) => receiver.count(value.number()),
            Letter::Question(value, reply) => drop(reply.send(value.number())),
        }
    }
    receiver
}

/// A task asks another and waits for each answer.
///
/// # Errors
/// When an answer is lost or wrong.
pub fn ask<M: Payload>(asks: u64) -> Result<Vec<f64>, Box<dyn Error>> {
    on_this_thread(async move {
        let (sender, receiver) = mpsc::channel(ROOM);
        tokio::spawn(receive::<M>(receiver, 0));
        let mut samples = Vec::with_capacity(usize::try_from(asks).unwrap_or_default());
        for number in 0..asks {
            let began = Instant::now();
            let (reply, answer) = oneshot::channel();
            let question = Letter::Question(M::of(number), reply);
            sender.send(question).await.map_err(|_| "closed")?;
            let answer = answer.await.map_err(|_| "no answer")?;
            samples.push(began.elapsed().as_nanos() as f64);
            if answer != number {
                return Err("a wrong answer");
            }
        }
        Ok(samples)
    })
}
