//! A card for a Teams workflow ("When a Teams webhook request is received"): one Adaptive Card with a title, what is
//! asked, an id, and a button to the page.

use crate::message::Message;
use serde_json::{Value, json};

/// The body of a card.
pub(crate) fn body(message: &Message) -> Vec<u8> {
    let words = message.words();
    let mut blocks = vec![
        json!({ "type": "TextBlock", "size": "Medium", "weight": "Bolder", "text": words.title, "wrap": true }),
        json!({ "type": "TextBlock", "text": words.text, "wrap": true }),
    ];
    if let Some((_, id)) = message.about() {
        blocks.push(json!({ "type": "FactSet", "facts": [{ "title": words.id, "value": id }] }));
    }
    let open = message.link().map(|link| json!({ "type": "Action.OpenUrl", "title": words.open, "url": link }));
    let actions: Vec<Value> = open.into_iter().collect();
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
        "actions": actions,
    });
    let body = json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    });
    body.to_string().into_bytes()
}
