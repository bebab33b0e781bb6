//! A text as a square that a camera reads, drawn as one path: no image is fetched, and no style is needed.

use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write as _;

/// The empty border that readers want around it, in squares.
const BORDER: i32 = 4;

/// The square; nothing where the text is too long for one. The text stands beside it for who can't use it.
pub(crate) fn square(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return html! {} };
    let side = code.size() + 2 * BORDER;
    html! {
        svg.qr xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (side) " " (side) } role="img" aria-label=(label) shape-rendering="crispEdges" {
            rect.qr-light width=(side) height=(side) {}
            path.qr-dark d=(drawn(&code)) {}
        }
    }
}

/// Every dark square, as one path.
fn drawn(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a String can't fail.
            let _ = write!(path, "M{},{}h1v1h-1z", x + BORDER, y + BORDER);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dark_square_of_the_code_is_drawn_and_nothing_else() {
        let text = "otpauth://totp/Borgen:name?secret=ABC";
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
        let dark = (0..code.size())
            .flat_map(|y| (0..code.size()).map(move |x| (x, y)))
            .filter(|(x, y)| code.get_module(*x, *y))
            .count();
        let page = square(text, "for your app").into_string();
        assert_eq!(page.matches("h1v1h-1z").count(), dark);
        // The three marks in the corners begin beyond the border.
        assert!(page.contains("M4,4h1v1h-1z") && !page.contains("M3,"), "{page}");
        assert!(page.contains("aria-label=\"for your app\"") && !page.contains("style="));
    }

    #[test]
    fn a_text_that_is_too_long_has_no_square() {
        assert!(square(&"x".repeat(5_000), "").into_string().is_empty());
    }
}
