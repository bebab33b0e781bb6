//! Whom we speak with: what is believed, and that the file stays bounded.

use crate::world::*;
use domain::body::Body;
use domain::contacts::{
    CallRecorded, Channel, ContactRecorded, ContactRemoved, ContactRole, ContactSource, Direction, MAX_CONTACTS,
};
use domain::ids::ContactId;
use uuid::Uuid;

fn contact(number: u128) -> ContactId {
    ContactId(Uuid::from_u128(number))
}

fn recorded(number: u128) -> Body {
    Body::ContactRecorded(ContactRecorded {
        contact: contact(number),
        role: ContactRole::Finance,
        name: sealed("name"),
        phone: Some(sealed("phone")),
        mail: None,
        source: ContactSource::Customer,
    })
}

fn call(direction: Direction, known_number: bool) -> Body {
    Body::CallRecorded(CallRecorded {
        channel: Channel::Phone,
        direction,
        contact: Some(contact(1)),
        with: sealed("with"),
        number: None,
        known_number,
        said: sealed("said"),
        agreed: None,
        confirms: Some(contact(1)),
        case: None,
    })
}

#[test]
fn a_contact_is_believed_only_after_we_called_on_a_number_that_we_knew() {
    for (direction, known, believed) in [
        (Direction::Outgoing, true, true),
        (Direction::Outgoing, false, false),
        (Direction::Incoming, true, false),
        (Direction::Incoming, false, false),
    ] {
        let mut world = World::new();
        world.tell([recorded(1), call(direction, known)]);
        let kept = &world.customer().contacts[&contact(1)];
        assert_eq!(kept.confirmed.is_some(), believed, "{direction:?}, known: {known}");
        assert!(kept.last_call.is_some());
    }
}

#[test]
fn a_contact_that_is_written_down_anew_has_to_be_confirmed_anew() {
    let mut world = World::new();
    world.tell([recorded(1), call(Direction::Outgoing, true), recorded(1)]);
    let kept = &world.customer().contacts[&contact(1)];
    assert_eq!(kept.confirmed, None);
    assert!(kept.last_call.is_some(), "that somebody spoke with it stays true");
    world.tell([Body::ContactRemoved(ContactRemoved { contact: contact(1) }), call(Direction::Outgoing, true)]);
    assert!(world.customer().contacts.is_empty(), "a call makes no contact");
}

#[test]
fn a_file_holds_no_more_contacts_than_its_limit_and_keeps_the_known_ones_up() {
    let mut world = World::new();
    world.tell((0..200).map(recorded));
    assert_eq!(world.customer().contacts.len(), MAX_CONTACTS);
    world.tell([call(Direction::Outgoing, true)]);
    world.tell([recorded(1)]);
    assert_eq!(world.customer().contacts[&contact(1)].confirmed, None);
}
