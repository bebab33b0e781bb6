//! Company, domain and contact names put together from the word lists.
//! A name is kept as a few small numbers, so that a hundred thousand customers stay small.

use crate::draw::Draw;
use crate::population::words::{Country, ENDINGS, FAMILY, GIVEN, PLACES, TRADES};

/// A company's name as places in the word lists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CompanyName {
    place: u8,
    ending: u8,
    trade: u8,
    country: Country,
}

impl CompanyName {
    pub(crate) fn draw(draw: &mut Draw, country: Country) -> Self {
        Self {
            place: small(draw.place(PLACES.len())),
            ending: small(draw.place(ENDINGS.len())),
            trade: small(draw.place(TRADES.len())),
            country,
        }
    }

    /// The full name: `Björkvik Bygg AB`.
    pub(crate) fn full(self) -> String {
        format!(
            "{}{} {} {}",
            word(PLACES, self.place),
            word(ENDINGS, self.ending),
            word(TRADES, self.trade),
            self.country.company_form()
        )
    }

    /// The part of the name that fits a domain, made unique by the customer's number.
    pub(crate) fn domain_label(self, number: usize) -> String {
        let name = format!("{}{}{}", word(PLACES, self.place), word(ENDINGS, self.ending), word(TRADES, self.trade));
        format!("{}{number}", plain_letters(&name))
    }
}

/// A contact person who follows from the customer's draw.
#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) given: &'static str,
    pub(crate) family: &'static str,
    pub(crate) phone: String,
    pub(crate) city: &'static str,
    pub(crate) street_number: u64,
    pub(crate) postal_code: u64,
}

impl Contact {
    pub(crate) fn draw(draw: &mut Draw, country: Country) -> Self {
        Self {
            given: draw.pick(GIVEN),
            family: draw.pick(FAMILY),
            phone: format!("{}555{:05}", country.phone_prefix(), draw.below(100_000)),
            city: draw.pick(country.cities()),
            street_number: draw.between(1, 120),
            postal_code: draw.between(10_000, 98_999),
        }
    }

    /// The local part of the contact's mail address.
    pub(crate) fn mailbox(&self) -> String {
        format!("{}.{}", plain_letters(self.given), plain_letters(self.family))
    }
}

/// Lower case without the letters that a domain label cannot hold.
pub(crate) fn plain_letters(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .map(|letter| match letter {
            'å' | 'ä' | 'æ' => 'a',
            'ö' | 'ø' => 'o',
            'ü' => 'u',
            other => other,
        })
        .filter(char::is_ascii_alphanumeric)
        .collect()
}

fn word(list: &[&'static str], place: u8) -> &'static str {
    list.get(usize::from(place)).copied().unwrap_or_default()
}

fn small(place: usize) -> u8 {
    u8::try_from(place).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_legal_form_and_a_domain_of_plain_letters() {
        let name = CompanyName::draw(&mut Draw::new(4, "name", 0), Country::Sweden);
        assert!(name.full().ends_with(" AB"), "{}", name.full());
        assert!(name.domain_label(12).chars().all(|letter| letter.is_ascii_alphanumeric()));
        assert!(name.domain_label(12).ends_with("12"));
    }
}
