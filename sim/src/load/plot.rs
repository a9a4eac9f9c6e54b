//! The picture of a load: latency over virtual time, outages shaded.
//!
//! Title, legend and the names of outages stand above the chart, so that they hide nothing of it.

use mapi_logon_model::scenario::Scenario;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::outages::Downtime;
use super::report::LoadReport;
use super::series::SeriesRow;
use crate::duration::{Nanos, seconds, whole};

/// Width and height in pixels.
const SIZE: (u32, u32) = (960, 480);

/// Pixels left free around the picture.
const MARGIN: i32 = 12;

/// Pixels on the left for the latency axis.
const AXIS: i32 = 76;

/// Where the legend stands, and the uppermost row of names of outages.
const LEGEND: i32 = 40;
const NAMES: i32 = 62;

/// Height of a row of names, and most rows; a name that finds no room is left out.
const ROW: i32 = 17;
const ROWS: usize = 3;

/// Width of a letter of small text, rather more than less.
const LETTER: i32 = 8;

/// Outages that are shaded; more would be a blur.
const SHADES: usize = 100;

/// Up to this many slices are marked by discs: a line through few points is easily overlooked.
const FEW: usize = 40;

/// Shortest latency on the scale, in milliseconds.
const LEAST: f64 = 0.01;

const GREY: RGBColor = RGBColor(235, 235, 235);
const SHADE: RGBColor = RGBColor(200, 30, 60);
const NAME: RGBColor = RGBColor(150, 30, 50);

/// A line of the picture.
struct Line {
    name: &'static str,
    colour: RGBColor,
    width: u32,
    /// Radius of the discs that mark slices; different ones show even where lines coincide.
    disc: u32,
    figure: fn(&SeriesRow) -> f64,
}

/// The maximum is drawn broad beneath the others, as it often equals the next.
const LINES: [Line; 4] = [
    Line {
        name: "maximum",
        colour: RGBColor(205, 205, 205),
        width: 6,
        disc: 7,
        figure: |row| row.total_max,
    },
    Line {
        name: "99th percentile",
        colour: RGBColor(213, 94, 0),
        width: 2,
        disc: 5,
        figure: |row| row.total_p99,
    },
    Line {
        name: "median",
        colour: RGBColor(0, 114, 178),
        width: 2,
        disc: 3,
        figure: |row| row.total_p50,
    },
    Line {
        name: "mean mutex wait",
        colour: RGBColor(0, 158, 115),
        width: 2,
        disc: 2,
        figure: |row| row.wait_mean,
    },
];

/// The picture could not be drawn.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the picture cannot be drawn: {0}")]
pub struct PlotError(String);

impl<E: std::error::Error + Send + Sync> From<DrawingAreaErrorKind<E>> for PlotError {
    fn from(error: DrawingAreaErrorKind<E>) -> Self {
        Self(error.to_string())
    }
}

/// Draws a load as SVG.
///
/// # Errors
/// [`PlotError`] where the drawing library refuses.
pub fn plot(scenario: &Scenario, report: &LoadReport) -> Result<String, PlotError> {
    let mut svg = String::new();
    draw(&mut svg, scenario, report)?;
    Ok(svg)
}

/// The name of an outage above the chart.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Label {
    text: String,
    row: usize,
    /// Where the outage begins, in pixels.
    at: i32,
    /// Where the name begins, further left where it would not fit otherwise.
    text_at: i32,
}

fn draw(svg: &mut String, scenario: &Scenario, report: &LoadReport) -> Result<(), PlotError> {
    let rows = report.series.rows();
    let rows: Vec<_> = rows.filter(|row| row.served + row.failed > 0.0).collect();
    let end = seconds(report.logons.last_return).max(1.0);
    let longest = rows.iter().map(|row| row.total_max);
    let highest = longest.fold(1.0, f64::max) * 1.5;
    let seen = report.outages.iter().filter(|one| seconds(one.from) < end);
    let outages: Vec<_> = seen.take(SHADES).collect();
    let labels = labels(scenario, &outages, end);
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let top = NAMES + ROW * pixels(labels.iter().map(|label| label.row + 1).max().unwrap_or(0));
    head(&area, scenario, !outages.is_empty())?;
    name(&area, &labels, top)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(MARGIN)
        .margin_top(top)
        .x_label_area_size(46)
        .y_label_area_size(AXIS)
        .build_cartesian_2d(0.0..end, (LEAST..highest).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(WHITE.mix(0.0))
        .bold_line_style(GREY)
        .x_desc("virtual time, seconds")
        .y_desc("latency of MAPILogonEx, milliseconds")
        .axis_desc_style(("sans-serif", 16))
        .label_style(("sans-serif", 15))
        .y_label_formatter(&|ms| short(*ms))
        .x_label_formatter(&|seconds| short(*seconds))
        .draw()?;
    for outage in outages {
        let (from, to) = (seconds(outage.from), seconds(outage.to).min(end));
        let rectangle = Rectangle::new([(from, LEAST), (to, highest)], SHADE.mix(0.12).filled());
        chart.draw_series([rectangle])?;
    }
    for line in LINES {
        let points = rows.iter().map(|row| {
            // The last slice goes on after the last return.
            let at = f64::midpoint(row.from.min(end), row.to.min(end));
            (at, (line.figure)(row))
        });
        let style = line.colour.stroke_width(line.width);
        // What is less than the least on the scale is a gap, not a line to the bottom.
        let pieces: Vec<_> = points.collect();
        for piece in pieces.split(|(_, ms)| *ms < LEAST) {
            chart.draw_series(LineSeries::new(piece.iter().copied(), style))?;
            if rows.len() <= FEW {
                let disc = |point: &_| Circle::new(*point, line.disc, line.colour.filled());
                chart.draw_series(piece.iter().map(disc))?;
            }
        }
    }
    Ok(area.present()?)
}

type Area<'s> = DrawingArea<SVGBackend<'s>, Shift>;

/// Title and legend.
fn head(area: &Area<'_>, scenario: &Scenario, outages: bool) -> Result<(), PlotError> {
    let left = MARGIN + AXIS;
    let name = scenario.name.as_deref().unwrap_or("load");
    area.draw(&Text::new(name, (left, 10), ("sans-serif", 20)))?;
    let shade = [("outage", SHADE.mix(0.2).filled(), 10)];
    let lines = LINES.map(|line| {
        let style = line.colour.filled();
        (line.name, style, i32::try_from(line.width).unwrap_or(1))
    });
    let mut at = left;
    for (name, style, height) in lines.iter().chain(shade.iter().filter(|_| outages)) {
        let middle = LEGEND + 5;
        let (upper, lower) = (middle - height / 2, middle + (height + 1) / 2);
        area.draw(&Rectangle::new([(at, upper), (at + 18, lower)], *style))?;
        area.draw(&Text::new(*name, (at + 24, LEGEND), ("sans-serif", 15)))?;
        at += 36 + width(name);
    }
    Ok(())
}

/// The names of outages, and a stroke from each to the chart.
fn name(area: &Area<'_>, labels: &[Label], top: i32) -> Result<(), PlotError> {
    for label in labels {
        let y = NAMES + ROW * pixels(label.row);
        let stroke = PathElement::new(vec![(label.at, y), (label.at, top)], SHADE.mix(0.4));
        area.draw(&stroke)?;
        let style = ("sans-serif", 15).into_font().color(&NAME);
        let text = Text::new(label.text.as_str(), (label.text_at + 3, y), style);
        area.draw(&text)?;
    }
    Ok(())
}

/// Finds room for the names of outages: the uppermost row in which none is in the way, neither of
/// the name nor of the stroke below it.
fn labels(scenario: &Scenario, outages: &[&Downtime], end: f64) -> Vec<Label> {
    let mut outages = outages.to_vec();
    outages.sort_by_key(|outage| outage.from);
    let mut ends = [0; ROWS];
    let mut labels = Vec::new();
    for outage in outages {
        let text = scenario.providers[outage.provider.index()].name.clone();
        let at = pixel(outage.from, end);
        let text_at = at.min(right() - width(&text));
        let free = (0..ROWS).find(|row| ends[*row..].iter().all(|end| *end <= text_at));
        if let Some(row) = free {
            ends[row] = text_at + width(&text);
            labels.push(Label { text, row, at, text_at });
        }
    }
    labels
}

/// Where the chart ends on the right.
fn right() -> i32 {
    pixels(SIZE.0 as usize) - MARGIN
}

/// Where a moment stands.
fn pixel(at: Nanos, end: f64) -> i32 {
    let left = MARGIN + AXIS;
    let along = seconds(at) / end * f64::from(right() - left);
    left + pixels(usize::try_from(whole(along)).unwrap_or(0))
}

/// How wide small text is at most, with some room behind it.
fn width(text: &str) -> i32 {
    LETTER * (pixels(text.chars().count()) + 1)
}

fn pixels(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A number without needless digits.
fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duration::from_seconds;
    use mapi_logon_model::ids::ProviderId;
    use mapi_logon_model::mapi::Fault;

    fn labelled(moments: &[f64]) -> Vec<Label> {
        let text = "[[profile]]\nname = 'P'\n[[profile.service]]\nname = 'S'\n\
                    [[profile.service.provider]]\nname = 'EXMS'\nkind = 'message-store'\n\
                    [[client]]\nname = 'a'\n";
        let scenario = Scenario::parse(text).unwrap();
        let downtimes = moments.iter().map(|from| Downtime {
            provider: ProviderId(0),
            fault: Fault::ServerUnavailable,
            from: from_seconds(*from),
            to: from_seconds(from + 1.0),
        });
        let downtimes: Vec<_> = downtimes.collect();
        labels(&scenario, &downtimes.iter().collect::<Vec<_>>(), 1000.0)
    }

    #[test]
    fn names_of_outages_do_not_overlap_and_do_not_leave_the_picture() {
        let labels = labelled(&[500.0, 10.0, 11.0, 12.0, 13.0, 100.0, 999.0]);
        for (number, one) in labels.iter().enumerate() {
            assert!(one.text_at + width(&one.text) <= right());
            for other in &labels[number + 1..] {
                let apart = one.text_at + width(&one.text) <= other.text_at;
                assert!(apart || one.row != other.row, "{one:?} {other:?}");
            }
        }
        // Three of the four that stand close together find room, and each of the others.
        assert_eq!(labels.len(), 6);
        assert_eq!(labels.iter().map(|label| label.row).max(), Some(ROWS - 1));
    }

    #[test]
    fn strokes_do_not_cross_names() {
        let labels = labelled(&[0.0, 20.0, 30.0, 52.0, 60.0, 75.0, 105.0]);
        for one in &labels {
            let below = labels.iter().filter(|other| other.row > one.row);
            for other in below {
                let crossed = other.text_at..other.text_at + width(&other.text);
                assert!(!crossed.contains(&one.at), "{one:?} {other:?}");
            }
        }
        assert!(labels.len() > 3);
    }
}
