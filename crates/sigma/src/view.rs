//! An event as rules look at it: its log type, and its top-level keys sorted into slots.
//! Built once for an event; borrows from it.

use crate::event::leaf_text;
use crate::json::{Doc, Node};
use crate::keys::{Familiar, KeyTable, Known, NO_SLOT, SLOTS};
use crate::taxonomy::{self, Leaf, LogType, Marks, Path, Walk, lookup};

/// With a place for the keys that have none, so that every key can be written without asking.
type Slots = [u16; 256];

/// Where the top-level keys of an event are, and which log that makes it.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    log_type: LogType,
    /// Positions of values on the tape, by the numbers of their keys; only those of present keys are of this event.
    slots: Slots,
    present: Presence,
    /// Keys of which one may be there: those present, and those that this event was read without knowing.
    possible: Presence,
    /// Keys with a smaller number have a slot; the others are looked up one by one.
    known: usize,
    /// Two keys fell into one slot, or one stands too far back: keys are looked up one by one.
    irregular: bool,
    /// Some key has a dot, so that it could be meant by a whole path.
    dotted: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            log_type: LogType::Unknown,
            slots: [0; 256],
            present: Presence::NONE,
            possible: Presence::NONE,
            known: 0,
            irregular: false,
            dotted: false,
        }
    }
}

impl Layout {
    /// Reads the top-level keys of an event and decides its log type.
    pub(crate) fn read(&mut self, root: Node<'_>, keys: &KeyTable) {
        let mut joined = Joined::of(&mut self.slots);
        root.each_key(|key, value| joined.add(&keys.know(key.bytes()), value));
        let sum = joined.sum;
        self.settle(root, keys.len(), sum);
    }

    /// The same, with the memory of an engine.
    pub(crate) fn remember(&mut self, root: Node<'_>, keys: &KeyTable, familiar: &mut Familiar) {
        let mut joined = Joined::of(&mut self.slots);
        root.each_key(|key, value| familiar.know(keys, key, |known| joined.add(known, value)));
        let sum = joined.sum;
        self.settle(root, keys.len(), sum);
    }

    fn settle(&mut self, root: Node<'_>, known: usize, sum: Sum) {
        self.known = known;
        self.dotted = sum.marks.has_dot();
        self.irregular = sum.present.count() != sum.numbered || sum.furthest > u32::from(u16::MAX);
        self.present = sum.present;
        self.possible =
            if self.irregular || self.dotted { Presence::ALL } else { sum.present.or(&Presence::beyond(known)) };
        self.log_type = taxonomy::route(&View { doc: *root.doc(), layout: self }, sum.marks);
    }
}

/// What the keys of an event say together.
#[derive(Clone, Copy)]
struct Sum {
    present: Presence,
    marks: Marks,
    /// How many have a number.
    numbered: u32,
    /// Position of the last value on the tape.
    furthest: u32,
}

struct Joined<'s> {
    slots: &'s mut Slots,
    sum: Sum,
}

impl<'s> Joined<'s> {
    fn of(slots: &'s mut Slots) -> Self {
        let sum = Sum { present: Presence::NONE, marks: Marks::NONE, numbered: 0, furthest: 0 };
        Self { slots, sum }
    }

    #[inline]
    fn add(&mut self, known: &Known, value: u32) {
        self.sum.present = self.sum.present.or(&known.present);
        self.sum.marks.add(known.marks);
        self.sum.furthest = value;
        if let Some(slot) = self.slots.get_mut(usize::from(known.slot)) {
            *slot = u16::try_from(value & u32::from(u16::MAX)).unwrap_or(0);
        }
        self.sum.numbered += u32::from(known.slot != NO_SLOT);
    }
}

/// A set of numbers of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Presence([u64; SLOTS / 64]);

impl Presence {
    pub(crate) const NONE: Self = Self([0; SLOTS / 64]);
    const ALL: Self = Self([u64::MAX; SLOTS / 64]);

    /// The set of these numbers; a key without a number could be any.
    pub(crate) fn of(numbers: impl IntoIterator<Item = Option<usize>>) -> Self {
        let mut set = Self::NONE;
        for number in numbers {
            match number {
                Some(number) => set.add(number),
                None => return Self::ALL,
            }
        }
        set
    }

    /// All numbers from this one on.
    fn beyond(first: usize) -> Self {
        let from = |at: usize| match first.saturating_sub(at * 64) {
            below @ 0..64 => u64::MAX << below,
            _ => 0,
        };
        Self(std::array::from_fn(from))
    }

    fn add(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    /// How many numbers it has.
    fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    #[inline]
    fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 != 0)
    }

    #[inline]
    fn or(&self, other: &Self) -> Self {
        let mut both = *self;
        both.0.iter_mut().zip(other.0).for_each(|(own, other)| *own |= other);
        both
    }

    #[inline]
    fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).fold(0, |met, (own, other)| met | (own & other)) != 0
    }
}

/// An event with its top-level keys in slots.
pub(crate) struct View<'e> {
    doc: Doc<'e>,
    layout: &'e Layout,
}

impl<'e> View<'e> {
    /// An event with what was read of its keys.
    pub(crate) fn new(doc: Doc<'e>, layout: &'e Layout) -> Self {
        Self { doc, layout }
    }

    pub(crate) fn root(&self) -> Node<'_> {
        self.doc.root()
    }

    pub(crate) fn log_type(&self) -> LogType {
        self.layout.log_type
    }

    /// The value under a top-level key; `id` is its number where it has one.
    pub(crate) fn top(&self, id: Option<usize>, name: &str) -> Option<Node<'_>> {
        match id {
            Some(id) if id < self.layout.known && !self.layout.irregular => {
                let at = self.layout.slots.get(id).filter(|_| self.layout.present.has(id))?;
                Some(self.doc.node(u32::from(*at)))
            }
            _ => lookup(self.root(), name),
        }
    }

    /// The value under a whole path taken as one key.
    pub(crate) fn whole(&self, path: &str) -> Option<Node<'_>> {
        if self.layout.dotted { lookup(self.root(), path) } else { None }
    }

    /// Whether one of these top-level keys may be there. A key that is met under another name is as good as any.
    #[inline]
    pub(crate) fn may_have(&self, wanted: &Presence) -> bool {
        wanted.meets(&self.layout.possible)
    }

    /// Visits every value found at the given places. The visitor returns true to stop.
    /// Returns (stopped, the field exists).
    pub(crate) fn visit(&self, paths: &[Path], visit: &mut dyn FnMut(&Leaf<'_>) -> bool) -> (bool, bool) {
        let taxonomy = taxonomy::taxonomy(self.layout.log_type);
        let mut walk = Walk { nested_json: taxonomy.nested_json, localized: taxonomy.localized, ..Walk::default() };
        let regular = !self.layout.irregular && !self.layout.dotted;
        for path in paths {
            // Most places of most fields are not there: that costs one look.
            if regular && path.first().is_some_and(|id| !self.layout.possible.has(id)) {
                continue;
            }
            let stopped = if path.is_one_key() {
                // Most places that are there are a key on top.
                self.top(path.first(), path.text()).is_some_and(|value| {
                    walk.found = true;
                    taxonomy::emit(value, &walk, visit)
                })
            } else {
                taxonomy::walk(self, path, &mut walk, visit)
            };
            if stopped {
                return (true, true);
            }
        }
        (false, walk.found)
    }

    /// The first scalar found at the given places, as text.
    pub(crate) fn first_text(&self, paths: &[Path]) -> Option<String> {
        let mut found = None;
        self.visit(paths, &mut |leaf| {
            found = leaf_text(leaf);
            found.is_some()
        });
        found
    }
}
