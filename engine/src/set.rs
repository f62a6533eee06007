//! A set of values of a small enumeration, as bits: a title is read a million times a second, and a list would be
//! allocated each time.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// An enumeration of at most 32 values whose discriminants count from 0.
pub trait Value: Copy + 'static {
    /// Every value, in order.
    const ALL: &'static [Self];

    /// The value's place in [`Value::ALL`].
    fn index(self) -> usize;
}

/// A set of values; iterates in the order of the enumeration. Written as a list.
#[derive(Clone, Copy)]
pub struct Set<T> {
    bits: u32,
    of: PhantomData<T>,
}

impl<T: Value> Set<T> {
    /// The empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self { bits: 0, of: PhantomData }
    }

    /// Adds a value.
    pub fn insert(&mut self, value: T) {
        self.bits |= 1 << value.index();
    }

    /// Whether it holds the value.
    #[must_use]
    pub fn contains(self, value: T) -> bool {
        self.bits & (1 << value.index()) != 0
    }

    /// Whether it holds nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// How many values it holds.
    #[must_use]
    pub const fn len(self) -> usize {
        self.bits.count_ones() as usize
    }

    /// The values of either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self { bits: self.bits | other.bits, of: PhantomData }
    }

    /// Whether the two share a value.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.bits & other.bits != 0
    }

    /// The values, in order.
    pub fn iter(self) -> impl Iterator<Item = T> {
        T::ALL.iter().copied().filter(move |value| self.contains(*value))
    }
}

impl<T: Value> Default for Set<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> PartialEq for Set<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<T> Eq for Set<T> {}

impl<T: Value, const N: usize> PartialEq<[T; N]> for Set<T> {
    fn eq(&self, other: &[T; N]) -> bool {
        *self == other.iter().copied().collect::<Self>()
    }
}

impl<T: Value> PartialEq<&[T]> for Set<T> {
    fn eq(&self, other: &&[T]) -> bool {
        *self == other.iter().copied().collect::<Self>()
    }
}

impl<T: Value> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut set = Self::new();
        set.extend(values);
        set
    }
}

impl<T: Value> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.insert(value));
    }
}

impl<T: Value + fmt::Debug> fmt::Debug for Set<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<T: Value + Serialize> Serialize for Set<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de, T: Value + Deserialize<'de>> Deserialize<'de> for Set<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<T>::deserialize(deserializer)?.into_iter().collect())
    }
}
