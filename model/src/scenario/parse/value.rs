//! How is a value taken out of the file? With its place, so that every mistake says where it is.

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::mistake::{Mistake, Read, admissible, lookup, quoted};

/// Most characters of a name (PAR-5, PRF-6).
const NAME_LENGTH: usize = 64;

/// The keys and values of a section, not yet checked.
#[derive(Clone, Copy)]
pub(super) struct Table<'t>(&'t DeTable<'t>);

impl<'t> Table<'t> {
    pub(super) fn new(table: &'t DeTable<'t>) -> Self {
        Self(table)
    }
}

/// A section of the file: every key is known.
#[derive(Clone, Copy)]
pub(super) struct Section<'t> {
    /// Its header as the file would have it.
    pub(super) header: &'static str,
    /// Where it begins.
    pub(super) at: usize,
    table: Table<'t>,
}

impl<'t> Section<'t> {
    /// A section that has no keys but the `known` ones.
    pub(super) fn new(
        header: &'static str,
        at: usize,
        table: Table<'t>,
        known: &[&str],
    ) -> Read<Self> {
        let section = Self { header, at, table };
        let unknown = section.fields().into_iter().find(|field| !known.contains(&field.key));
        match unknown {
            None => Ok(section),
            Some(field) => {
                let (key, choice) = (quoted(field.key), admissible(field.key, known));
                Err(Mistake::new(field.key_at, format!("unknown key {key} in {header}; {choice}")))
            }
        }
    }

    /// A section whose keys the caller checks.
    pub(super) fn open(header: &'static str, at: usize, table: Table<'t>) -> Self {
        Self { header, at, table }
    }

    /// All keys with their values, in file order.
    pub(super) fn fields(self) -> Vec<Field<'t>> {
        let mut fields: Vec<_> =
            self.table.0.iter().map(|(key, value)| Field::new(key, value)).collect();
        fields.sort_by_key(|field| field.key_at);
        fields
    }

    /// The value of a key, where it is given.
    pub(super) fn get(self, key: &str) -> Option<Field<'t>> {
        self.table.0.get_key_value(key).map(|(key, value)| Field::new(key, value))
    }

    /// The value of a key that must be given.
    pub(super) fn require(self, key: &str) -> Read<Field<'t>> {
        self.get(key)
            .ok_or_else(|| Mistake::new(self.at, format!("{} needs the key `{key}`", self.header)))
    }

    /// The table under `key`, where it is given; its keys are among `known`.
    pub(super) fn section(
        self,
        key: &str,
        header: &'static str,
        known: &[&str],
    ) -> Read<Option<Self>> {
        let Some(field) = self.get(key) else {
            return Ok(None);
        };
        Self::new(header, field.at, field.table(header)?, known).map(Some)
    }

    /// The tables under `key`, none where it is not given; their keys are among `known`.
    pub(super) fn sections(
        self,
        key: &str,
        header: &'static str,
        known: &[&str],
    ) -> Read<Vec<Self>> {
        let Some(field) = self.get(key) else {
            return Ok(Vec::new());
        };
        let DeValue::Array(items) = field.value else {
            return Err(field.wrong_type(&format!("written as {header}")));
        };
        let read = |item: &'t Spanned<DeValue<'t>>| {
            let item = Field { at: item.span().start, value: item.get_ref(), ..field };
            Self::new(header, item.at, item.table(header)?, known)
        };
        items.iter().map(read).collect()
    }
}

/// A value and the key it stands under.
#[derive(Clone, Copy)]
pub(super) struct Field<'t> {
    pub(super) key: &'t str,
    pub(super) key_at: usize,
    /// Where the value begins.
    pub(super) at: usize,
    value: &'t DeValue<'t>,
    /// Is it an element of the list that stands under the key?
    element: bool,
}

impl<'t> Field<'t> {
    fn new(key: &'t Spanned<DeString<'t>>, value: &'t Spanned<DeValue<'t>>) -> Self {
        Self {
            key: key.get_ref(),
            key_at: key.span().start,
            at: value.span().start,
            value: value.get_ref(),
            element: false,
        }
    }

    /// A mistake in this value.
    pub(super) fn mistake(self, message: impl Into<String>) -> Mistake {
        Mistake::new(self.at, message)
    }

    /// A mistake in the key itself.
    pub(super) fn key_mistake(self, message: impl Into<String>) -> Mistake {
        Mistake::new(self.key_at, message)
    }

    /// What a message calls the value.
    fn subject(self) -> String {
        let key = quoted(self.key);
        if self.element { format!("an element of {key}") } else { key }
    }

    fn wrong_type(self, wanted: &str) -> Mistake {
        let article =
            if matches!(self.value, DeValue::Integer(_) | DeValue::Array(_)) { "an" } else { "a" };
        let found = self.value.type_str();
        self.mistake(format!("{} must be {wanted}, not {article} {found}", self.subject()))
    }

    fn table(self, header: &'static str) -> Read<Table<'t>> {
        let table = self.value.as_table();
        table.map(Table).ok_or_else(|| self.wrong_type(&format!("written as {header}")))
    }

    /// A section whose keys the caller checks.
    pub(super) fn open(self, header: &'static str) -> Read<Section<'t>> {
        Ok(Section::open(header, self.at, self.table(header)?))
    }

    /// A string.
    pub(super) fn text(self) -> Read<&'t str> {
        self.value.as_str().ok_or_else(|| self.wrong_type("a string"))
    }

    /// A string of one line that says something.
    pub(super) fn title(self) -> Read<&'t str> {
        let text = self.text()?;
        if text.is_empty() {
            return Err(
                self.mistake(format!("`{}` is empty; it has at least one character", self.key))
            );
        }
        if text.chars().any(char::is_control) {
            let message = format!("`{}` has a control character: {}", self.key, quoted(text));
            return Err(self.mistake(message));
        }
        Ok(text)
    }

    /// A name: 1 to 64 characters.
    pub(super) fn name(self) -> Read<&'t str> {
        let text = self.title()?;
        let length = text.chars().count();
        if length > NAME_LENGTH {
            let message =
                format!("a name has 1 to {NAME_LENGTH} characters, {} has {length}", quoted(text));
            return Err(self.mistake(message));
        }
        Ok(text)
    }

    /// `true` or `false`.
    pub(super) fn boolean(self) -> Read<bool> {
        self.value.as_bool().ok_or_else(|| self.wrong_type("true or false"))
    }

    /// A whole number of a range.
    pub(super) fn whole<T>(self, range: RangeInclusive<T>) -> Read<T>
    where
        T: TryFrom<i128> + PartialOrd + Copy + std::fmt::Display,
    {
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        let Some(integer) = self.value.as_integer() else {
            return Err(self.wrong_type(&wanted));
        };
        i128::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .and_then(|number| T::try_from(number).ok())
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                let found = quoted(&integer.to_string());
                self.mistake(format!("{} must be {wanted}, not {found}", self.subject()))
            })
    }

    /// A number, whole or not, of a range.
    pub(super) fn number(self, range: RangeInclusive<f64>) -> Read<f64> {
        let wanted = format!("a number from {} to {}", range.start(), range.end());
        let integer = self.value.as_integer().filter(|integer| integer.radix() == 10);
        let integer = integer.map(ToString::to_string);
        let float = self.value.as_float().map(ToString::to_string);
        let written = integer.or(float).ok_or_else(|| self.wrong_type(&wanted))?;
        match written.parse::<f64>() {
            // Zero is added to give negative zero a plus sign.
            Ok(number) if range.contains(&number) => Ok(number + 0.0),
            _ => {
                let found = quoted(&written);
                Err(self.mistake(format!("{} must be {wanted}, not {found}", self.subject())))
            }
        }
    }

    /// The elements of a list.
    pub(super) fn list(self, of: &str) -> Read<Vec<Self>> {
        let DeValue::Array(items) = self.value else {
            return Err(self.wrong_type(&format!("a list of {of}")));
        };
        let element = |item: &'t Spanned<DeValue<'t>>| Self {
            at: item.span().start,
            value: item.get_ref(),
            element: true,
            ..self
        };
        Ok(items.iter().map(element).collect())
    }

    /// One of the known words.
    pub(super) fn choice<T: Copy>(self, known: &[(&str, T)]) -> Read<T> {
        let written = self.text()?;
        let what = format!("value of {}:", quoted(self.key));
        lookup(written, &what, known).map_err(|message| self.mistake(message))
    }

    /// A list of known words, each at most once; `what` is one of them.
    pub(super) fn choices<T: Copy>(self, what: &str, known: &[(&str, T)]) -> Read<Vec<T>> {
        let mut seen = Vec::new();
        let mut chosen = Vec::new();
        for item in self.list("strings")? {
            let written = item.text()?;
            let choice = lookup(written, what, known).map_err(|message| item.mistake(message))?;
            if seen.contains(&written) {
                let message = format!("{what} `{written}` is in the list already; leave one out");
                return Err(item.mistake(message));
            }
            seen.push(written);
            chosen.push(choice);
        }
        Ok(chosen)
    }
}

/// Names of one kind that must differ.
#[derive(Default)]
pub(super) struct Names<'t>(Vec<&'t str>);

impl<'t> Names<'t> {
    /// Reads a name that no other of its kind has.
    pub(super) fn read(&mut self, field: Field<'t>, what: &str) -> Read<&'t str> {
        let name = field.name()?;
        if self.0.contains(&name) {
            let message = format!("there is a {what} named {} already", quoted(name));
            return Err(field.mistake(format!("{message}; {what} names are unique in the file")));
        }
        self.0.push(name);
        Ok(name)
    }
}
