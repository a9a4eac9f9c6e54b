//! What every picture needs: a title that is read aloud, and colours for dark pages.

/// Lines and letters of pictures on a dark page; the colours of data show on both.
const DARK: &str = "@media (prefers-color-scheme: dark) { \
    rect[fill=\"#FFFFFF\"] { fill: #0d1117; } text { fill: #e6edf3; } \
    line[stroke=\"#EBEBEB\"], polyline[stroke=\"#EBEBEB\"] { stroke: #30363d; } \
    polyline[stroke=\"#000000\"], line[stroke=\"#000000\"] { stroke: #9da7b1; } }";

/// The picture with a title, a role and colours for dark pages.
#[must_use]
pub fn accessible(svg: &str, title: &str) -> String {
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    // XML does not have these at all.
    let svg = svg.replace(['\u{fffe}', '\u{ffff}'], "");
    let title = title.replace(['\u{fffe}', '\u{ffff}'], "");
    let head = format!(" role=\"img\">\n<title>{title}</title>\n<style>{DARK}</style>");
    svg.replacen('>', &head, 1)
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
