//! The terminal's keyboard, key by key, for driving by hand.
//!
//! A terminal says that a key was pressed, and says it again and again while it is held; most do not say that it was let
//! go. So a held key is a lease: it counts until it is due to be said again. Terminals with the keyboard protocol of kitty say
//! both, which is better, and asked for.

use crossterm::event::{
    self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, KeyboardEnhancementFlags,
    PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::{execute, terminal};
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether the terminal is in raw mode because of us.
static RAW: AtomicBool = AtomicBool::new(false);

/// A key went down or up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyChange {
    /// Which.
    pub(crate) key: Key,
    /// Whether it is down.
    pub(crate) is_down: bool,
}

/// The keys that mean something to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Forward,
    Backward,
    Left,
    Right,
    More,
    Less,
    Quit,
    /// A letter without a meaning of its own.
    Letter(char),
    Other,
}

/// The keyboard while it is read key by key. Dropping it gives the terminal back.
#[derive(Debug)]
pub(crate) struct Keyboard(());

impl Keyboard {
    /// Whether there is a terminal to read keys from and to show something on.
    pub(crate) fn is_possible() -> bool {
        io::stdin().is_terminal() && io::stdout().is_terminal()
    }

    /// Takes the terminal into raw mode. Ctrl-C is then a key: [`Key::Quit`].
    ///
    /// # Errors
    ///
    /// If the terminal denies it.
    pub(crate) fn open() -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        RAW.store(true, Ordering::Release);
        let keyboard = Self(());
        // A terminal that does not know this ignores it.
        let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES
            | KeyboardEnhancementFlags::REPORT_EVENT_TYPES;
        execute!(io::stdout(), PushKeyboardEnhancementFlags(flags))?;
        Ok(keyboard)
    }

    /// All that happened to the keys since the last call, waiting at most `patience` for the first.
    ///
    /// # Errors
    ///
    /// If the terminal is gone.
    pub(crate) fn changes(&mut self, patience: Duration) -> io::Result<Vec<KeyChange>> {
        let mut changes = Vec::new();
        let mut patience = patience;
        while event::poll(patience)? {
            if let Event::Key(key) = event::read()? {
                changes.push(KeyChange {
                    key: Key::of(key),
                    is_down: key.kind != KeyEventKind::Release,
                });
            }
            patience = Duration::ZERO;
        }
        Ok(changes)
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back, once; any thread may call it.
pub(crate) fn restore() {
    if RAW.swap(false, Ordering::AcqRel) {
        // A terminal that went away needs nothing back.
        let _ = execute!(io::stdout(), PopKeyboardEnhancementFlags);
        let _ = terminal::disable_raw_mode();
    }
}

impl Key {
    fn of(event: KeyEvent) -> Self {
        if event.modifiers.contains(KeyModifiers::CONTROL) {
            return match event.code {
                KeyCode::Char('c' | 'd') => Self::Quit,
                _ => Self::Other,
            };
        }
        match event.code {
            KeyCode::Up | KeyCode::Char('w') => Self::Forward,
            KeyCode::Down | KeyCode::Char('s') => Self::Backward,
            KeyCode::Left | KeyCode::Char('a') => Self::Left,
            KeyCode::Right | KeyCode::Char('d') => Self::Right,
            KeyCode::Char('+' | '=') => Self::More,
            KeyCode::Char('-') => Self::Less,
            KeyCode::Esc | KeyCode::Char('q') => Self::Quit,
            KeyCode::Char(letter) => Self::Letter(letter),
            _ => Self::Other,
        }
    }
}

/// A key that is held: the newest one that went down, until it goes up or is not said again.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Held {
    key: Option<Key>,
    until: Duration,
    knows_releases: bool,
}

/// Keys repeat each 30 to 100 ms.
const REPEAT: Duration = Duration::from_millis(250);
/// Before the first repetition a keyboard waits for half a second or more. That is waited for only where the terminal says
/// that a key was let go.
const FIRST: Duration = Duration::from_millis(700);

impl Held {
    /// Something happened to a key that may be held, at `now` on the caller's clock.
    pub(crate) fn change(&mut self, change: KeyChange, now: Duration) {
        if !change.is_down {
            self.knows_releases = true;
            if self.key == Some(change.key) {
                self.key = None;
            }
            return;
        }
        let again = self.key == Some(change.key) && now < self.until;
        let patience = if again || !self.knows_releases {
            REPEAT
        } else {
            FIRST
        };
        self.key = Some(change.key);
        self.until = now + patience;
    }

    /// Lets go of whatever is held.
    pub(crate) fn let_go(&mut self) {
        self.key = None;
    }

    /// The key that is held, and for how long still unless it is said again.
    pub(crate) fn at(&self, now: Duration) -> Option<(Key, Duration)> {
        let key = self.key?;
        (now < self.until).then(|| (key, self.until - now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn down(key: Key) -> KeyChange {
        KeyChange { key, is_down: true }
    }

    fn up(key: Key) -> KeyChange {
        KeyChange {
            key,
            is_down: false,
        }
    }

    #[test]
    fn a_key_is_held_until_it_is_not_said_again() {
        let mut held = Held::default();
        held.change(down(Key::Forward), ms(0));
        assert_eq!(held.at(ms(249)), Some((Key::Forward, ms(1))));
        assert_eq!(held.at(ms(250)), None);
        for n in 0..10 {
            held.change(down(Key::Forward), ms(500 + 33 * n));
        }
        assert!(held.at(ms(500 + 9 * 33 + 249)).is_some());
        assert!(held.at(ms(500 + 9 * 33 + 250)).is_none());
    }

    #[test]
    fn where_releases_are_said_the_pause_before_the_first_repetition_is_bridged() {
        let mut held = Held::default();
        held.change(down(Key::Forward), ms(0));
        held.change(up(Key::Forward), ms(50));
        assert_eq!(held.at(ms(50)), None, "let go");
        held.change(down(Key::Left), ms(100));
        assert!(held.at(ms(799)).is_some());
        // A link that broke says no release: the lease ends all the same.
        assert!(held.at(ms(800)).is_none());
    }

    #[test]
    fn the_newest_key_counts_and_the_release_of_another_changes_nothing() {
        let mut held = Held::default();
        held.change(down(Key::Forward), ms(0));
        held.change(down(Key::Left), ms(10));
        held.change(up(Key::Forward), ms(20));
        assert_eq!(held.at(ms(30)).map(|(key, _)| key), Some(Key::Left));
        held.let_go();
        assert_eq!(held.at(ms(31)), None);
    }

    #[test]
    fn letters_and_arrows_mean_the_same_and_control_c_ends() {
        let key = |code, modifiers| Key::of(KeyEvent::new(code, modifiers));
        let none = KeyModifiers::NONE;
        assert_eq!(key(KeyCode::Up, none), key(KeyCode::Char('w'), none));
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), Key::Quit);
        assert_eq!(key(KeyCode::Char('d'), KeyModifiers::CONTROL), Key::Quit);
        assert_eq!(key(KeyCode::Char('d'), none), Key::Right);
        assert_eq!(key(KeyCode::Char('p'), none), Key::Letter('p'));
    }
}
