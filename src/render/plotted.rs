//! The picture of a sweep: states, and seconds if they were measured.

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::render::svg::{COLOURS, accessible, legend};
use crate::render::swept::Sweep;
use crate::render::text::grouped;
use crate::sweep::Swept;
use crate::verdict::Overall;

/// Width of the picture and height of a panel in pixels.
const SIZE: (u32, u32) = (800, 420);

/// Pixels left free around a panel, and those on the left for its axis.
const MARGIN: i32 = 12;
const AXIS: i32 = 84;

/// Pixels on the right for the legend, so that it hides nothing.
const LEGEND: i32 = 200;

/// The axis on which combinations stand side by side; no line joins these.
const CATEGORIES: &str = "combination";

/// Letters that fit along the axis, and over the legend.
const ROOM: usize = 80;
const HEAD: usize = 22;

/// The least time on the scale, in seconds.
const SOON: f64 = 0.001;

/// A line: its name, whether it is drawn dashed, the rows along it by their place.
struct Line<'a> {
    name: String,
    dashed: bool,
    colour: RGBColor,
    rows: Vec<(f64, &'a Swept)>,
}

/// What is drawn of a row.
struct Figure {
    title: &'static str,
    axis: &'static str,
    of: fn(&Swept) -> f64,
    least: f64,
}

/// Draws a sweep as SVG. A ring in place of a disc stands for a search that a limit ended.
///
/// # Errors
/// When the drawing library refuses.
pub fn svg(sweep: &Sweep<'_>) -> Result<String> {
    let states = Figure {
        title: "states",
        axis: "states explored",
        of: |row| row.states as f64,
        least: 1.0,
    };
    let seconds = Figure {
        title: "time",
        axis: "seconds, on this machine",
        of: |row| row.seconds.unwrap_or_default().max(SOON),
        least: SOON,
    };
    let figures = if sweep.timed { vec![states, seconds] } else { vec![states] };
    let mut svg = String::new();
    let panels = u32::try_from(figures.len()).unwrap_or(1);
    let area = SVGBackend::with_string(&mut svg, (SIZE.0, SIZE.1 * panels)).into_drawing_area();
    area.fill(&WHITE).map_err(cannot_draw)?;
    for (panel, figure) in area.split_evenly((figures.len(), 1)).iter().zip(&figures) {
        draw(panel, sweep, figure)?;
    }
    area.present().map_err(cannot_draw)?;
    drop(area);
    Ok(accessible(&svg, &format!("{}: growth of a sweep", sweep.name)))
}

type Panel<'s> = DrawingArea<SVGBackend<'s>, Shift>;

fn draw(panel: &Panel<'_>, sweep: &Sweep<'_>, figure: &Figure) -> Result<()> {
    let (axis, lines) = lines(sweep);
    let figures = sweep.rows.iter().map(figure.of);
    let highest = figures.fold(figure.least * 10.0, f64::max) * 2.0;
    let places = lines.iter().flat_map(|line| &line.rows).map(|(at, _)| *at);
    let (first, last) =
        places.fold((f64::MAX, f64::MIN), |(first, last), at| (first.min(at), last.max(at)));
    let (first, last) = if first > last { (0.0, 1.0) } else { (first, last) };
    let named_lines = lines.iter().any(|line| !line.name.is_empty());
    let around = if axis == CATEGORIES { 0.5 } else { 0.2 };
    let mut chart = ChartBuilder::on(panel)
        .caption(format!("{}: {}", sweep.name, figure.title), ("sans-serif", 20))
        .margin(MARGIN)
        .margin_right(if named_lines { LEGEND } else { MARGIN })
        .x_label_area_size(44)
        .y_label_area_size(AXIS)
        .build_cartesian_2d(first - around..last + around, (figure.least..highest).log_scale())
        .map_err(cannot_draw)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE.mix(0.0))
        .bold_line_style(RGBColor(235, 235, 235))
        .x_desc(if axis == CATEGORIES { policies(sweep) } else { axis.to_owned() })
        .y_desc(figure.axis)
        .axis_desc_style(("sans-serif", 16))
        .label_style(("sans-serif", 15))
        .x_labels(8)
        .y_labels(6)
        .x_label_formatter(&|at| named(sweep, axis, *at))
        .y_label_formatter(&|value| number(*value))
        .draw()
        .map_err(cannot_draw)?;
    for line in &lines {
        let (colour, dashed) = (line.colour, line.dashed);
        let points = line.rows.iter().map(|(at, row)| (*at, (figure.of)(row)));
        let (size, gap) = if dashed { (5, 4) } else { (1, 0) };
        let style = colour.stroke_width(2);
        if axis == CATEGORIES {
            // No line joins what has no order.
        } else if dashed {
            let series = DashedLineSeries::new(points, size, gap, style);
            chart.draw_series(series).map_err(cannot_draw)?;
        } else {
            chart.draw_series(LineSeries::new(points, style)).map_err(cannot_draw)?;
        }
        let marks = line.rows.iter().map(|(at, row)| {
            let cut = row.verdict == Overall::Inconclusive;
            let style = if cut { colour.stroke_width(1) } else { colour.filled() };
            Circle::new((*at, (figure.of)(row)), 3, style)
        });
        chart.draw_series(marks).map_err(cannot_draw)?;
    }
    let named = lines.iter().filter(|line| !line.name.is_empty());
    let named = named.map(|line| (line.name.as_str(), line.colour, line.dashed));
    if axis != CATEGORIES && !sweep.dimensions.policies.is_empty() {
        let place = (SIZE.0.cast_signed() - LEGEND + MARGIN, MARGIN + 8);
        let head = shortened(&policies(sweep), HEAD);
        panel.draw(&Text::new(head, place, ("sans-serif", 15))).map_err(cannot_draw)?;
    }
    legend(panel, SIZE.0.cast_signed() - LEGEND + MARGIN, named).map_err(cannot_draw)
}

/// A number on an axis; whole ones in groups of three digits.
fn number(value: f64) -> String {
    let whole = (value >= 1.0).then(|| format!("{value:.0}").parse().ok()).flatten();
    whole.map_or_else(|| format!("{value}"), grouped)
}

/// What stands at a place of the axis: a number, or the readings of a combination.
fn named(sweep: &Sweep<'_>, axis: &str, at: f64) -> String {
    let number = whole(at);
    if axis != CATEGORIES {
        return number;
    }
    let row = number.parse().ok().and_then(|number: usize| sweep.rows.get(number.wrapping_sub(1)));
    let values = |row: &Swept| {
        let settings = row.combination.settings.iter();
        settings.map(|setting| setting.value.clone()).collect::<Vec<_>>().join(", ")
    };
    let room = ROOM / sweep.rows.len().max(1);
    shortened(&row.map(values).unwrap_or_default(), room)
}

/// The policies that are varied, to whose values an axis or a legend belongs.
fn policies(sweep: &Sweep<'_>) -> String {
    let names = sweep.dimensions.policies.iter().map(|(policy, _)| policy.as_str());
    names.collect::<Vec<_>>().join(", ")
}

fn shortened(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).collect::<String>() + "…"
}

/// What stands along the axis, and the lines: one for each combination of all else.
fn lines<'a>(sweep: &'a Sweep<'_>) -> (&'static str, Vec<Line<'a>>) {
    let by_clients = sweep.dimensions.clients.len() > 1;
    let by_budget = !by_clients && sweep.dimensions.budgets.len() > 1;
    let axis = match (by_clients, by_budget) {
        (true, _) => "clients",
        (false, true) => "faults that may strike",
        (false, false) => CATEGORIES,
    };
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for (number, row) in sweep.rows.iter().enumerate() {
        let one = &row.combination;
        let at = match (by_clients, by_budget) {
            (true, _) => one.clients.map_or(0.0, |clients| clients as f64),
            (false, true) => one.budget.map_or(0.0, f64::from),
            (false, false) => (number + 1) as f64,
        };
        let mut parts: Vec<String> = Vec::new();
        if by_clients || by_budget {
            parts.extend(one.settings.iter().map(|setting| setting.value.clone()));
        }
        if let Some(budget) = one.budget.filter(|_| by_clients) {
            parts.push(format!("faults: {budget}"));
        }
        let plain = parts.join(", ");
        let dashed = one.symmetry && sweep.dimensions.symmetry.len() > 1;
        let name = match (plain.is_empty(), dashed) {
            (_, false) => plain.clone(),
            (true, true) => "symmetry".to_owned(),
            (false, true) => format!("{plain}, symmetry"),
        };
        if let Some(line) = lines.iter_mut().find(|line| line.name == name) {
            line.rows.push((at, row));
            continue;
        }
        let place = names.iter().position(|known| *known == plain);
        let place = place.unwrap_or_else(|| {
            names.push(plain);
            names.len() - 1
        });
        lines.push(Line {
            name,
            dashed,
            colour: COLOURS[place % COLOURS.len()],
            rows: vec![(at, row)],
        });
    }
    (axis, lines)
}

/// The number, where it is whole.
fn whole(at: f64) -> String {
    if (at - at.round()).abs() < 1e-9 { format!("{}", at.round()) } else { String::new() }
}

fn cannot_draw(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("{error}")
}
