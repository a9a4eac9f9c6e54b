//! What every picture needs: a title that is read aloud, colours of lines and of dark pages.

use mapi_logon_traces::export::xml::{admissible, escaped};
use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::DashedPathElement;
use plotters::prelude::*;

/// The colours of lines, one after the other: those of Okabe and Ito, which all eyes tell apart.
pub const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(150, 130, 0),
    RGBColor(110, 110, 110),
];

/// Pixels of a line's key in the legend, wide enough to tell dashes from a stroke.
const KEY: i32 = 32;

/// Pixels from one name in the legend to the next, and from the top to the first.
const APART: usize = 22;
const TOP: i32 = 48;

/// Draws the names of lines from `left` on, each with a key in its colour that shows its dashes.
///
/// # Errors
/// When the drawing library refuses.
pub fn legend<'l, B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    left: i32,
    lines: impl IntoIterator<Item = (&'l str, RGBColor, bool)>,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    for (y, (name, colour, dashed)) in (TOP..).step_by(APART).zip(lines) {
        let gap = if dashed { 4 } else { 0 };
        let ends = vec![(left, y), (left + KEY, y)];
        area.draw(&DashedPathElement::new(ends, 6, gap, colour.stroke_width(2)))?;
        area.draw(&Text::new(name, (left + KEY + 8, y - 7), ("sans-serif", 15)))?;
    }
    Ok(())
}

/// Lines and letters of pictures on a dark page; the colours of data show on both.
const DARK: &str = "@media (prefers-color-scheme: dark) { \
    rect[fill=\"#FFFFFF\"] { fill: #0d1117; } text { fill: #e6edf3; } \
    line[stroke=\"#EBEBEB\"], polyline[stroke=\"#EBEBEB\"] { stroke: #30363d; } \
    polyline[stroke=\"#000000\"], line[stroke=\"#000000\"] { stroke: #9da7b1; } }";

/// The picture with a title, a role and colours for dark pages.
#[must_use]
pub fn accessible(svg: &str, title: &str) -> String {
    let title = escaped(title);
    let head = format!(" role=\"img\">\n<title>{title}</title>\n<style>{DARK}</style>");
    admissible(&svg.replacen('>', &head, 1)).into_owned()
}

/// Reads the name of a file for a picture: SVG is all that is written.
///
/// # Errors
/// When the name has another ending.
pub fn svg_file(text: &str) -> Result<std::path::PathBuf, String> {
    let path = crate::path::real(text);
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("svg") => Ok(path),
        Some("png") => Err("PNG cannot be written: name the file FILE.svg, and convert it, as \
                            with `rsvg-convert FILE.svg > FILE.png`"
            .to_owned()),
        _ => Err("pictures are SVG: name the file FILE.svg".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_have_a_title_and_a_role() {
        let svg = accessible("<svg width=\"1\"><rect/></svg>", "a < b");
        assert!(svg.starts_with("<svg width=\"1\" role=\"img\">\n<title>a &lt; b</title>"));
        assert!(svg.ends_with("<rect/></svg>"));
    }

    #[test]
    fn png_is_refused_with_a_way_out() {
        assert!(svg_file("a.png").unwrap_err().contains("FILE.svg"));
        assert_eq!(svg_file("a.svg"), Ok("a.svg".into()));
    }
}
