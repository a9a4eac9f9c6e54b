//! The picture of a sweep: states, and seconds if they were measured.

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::render::swept::Sweep;
use crate::sweep::Swept;
use crate::verdict::Overall;

/// Width of a panel and height in pixels.
const SIZE: (u32, u32) = (560, 440);

/// The colours of lines, one after the other.
const COLOURS: [RGBColor; 6] = [
    RGBColor(28, 98, 170),
    RGBColor(60, 140, 90),
    RGBColor(214, 150, 32),
    RGBColor(200, 60, 40),
    RGBColor(130, 80, 160),
    RGBColor(90, 90, 90),
];

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
    of: fn(&Swept) -> f64,
    least: f64,
}

/// Draws a sweep as SVG. A ring in place of a disc stands for a search that a limit ended.
///
/// # Errors
/// When the drawing library refuses.
pub fn svg(sweep: &Sweep<'_>) -> Result<String> {
    let states = Figure { title: "states", of: |row| row.states as f64, least: 1.0 };
    let seconds = Figure {
        title: "seconds",
        of: |row| row.seconds.unwrap_or_default().max(SOON),
        least: SOON,
    };
    let figures = if sweep.timed { vec![states, seconds] } else { vec![states] };
    let mut svg = String::new();
    let panels = u32::try_from(figures.len()).unwrap_or(1);
    let area = SVGBackend::with_string(&mut svg, (SIZE.0 * panels, SIZE.1)).into_drawing_area();
    area.fill(&WHITE).map_err(cannot_draw)?;
    for (panel, figure) in area.split_evenly((1, figures.len())).iter().zip(&figures) {
        draw(panel, sweep, figure)?;
    }
    area.present().map_err(cannot_draw)?;
    drop(area);
    Ok(svg)
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
    let mut chart = ChartBuilder::on(panel)
        .caption(format!("{}: {}", sweep.name, figure.title), ("sans-serif", 16))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d(first - 0.2..last + 0.2, (figure.least..highest).log_scale())
        .map_err(cannot_draw)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE.mix(0.0))
        .bold_line_style(RGBColor(235, 235, 235))
        .x_desc(axis)
        .x_labels(8)
        .x_label_formatter(&|at| whole(*at))
        .y_label_formatter(&|value| format!("{value}"))
        .draw()
        .map_err(cannot_draw)?;
    for line in &lines {
        let (colour, dashed) = (line.colour, line.dashed);
        let points = line.rows.iter().map(|(at, row)| (*at, (figure.of)(row)));
        let (size, gap) = if dashed { (5, 4) } else { (1, 0) };
        let style = colour.stroke_width(2);
        let drawn = if dashed {
            chart.draw_series(DashedLineSeries::new(points.clone(), size, gap, style))
        } else {
            chart.draw_series(LineSeries::new(points.clone(), style))
        };
        let key = move |(x, y)| {
            let width = if dashed { 9 } else { 18 };
            PathElement::new(vec![(x, y), (x + width, y)], style)
        };
        drawn.map_err(cannot_draw)?.label(line.name.clone()).legend(key);
        let marks = line.rows.iter().map(|(at, row)| {
            let cut = row.verdict == Overall::Inconclusive;
            let style = if cut { colour.stroke_width(1) } else { colour.filled() };
            Circle::new((*at, (figure.of)(row)), 3, style)
        });
        chart.draw_series(marks).map_err(cannot_draw)?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.85))
        .border_style(RGBColor(220, 220, 220))
        .label_font(("sans-serif", 12))
        .draw()
        .map_err(cannot_draw)
}

/// What stands along the axis, and the lines: one for each combination of all else.
fn lines<'a>(sweep: &'a Sweep<'_>) -> (&'static str, Vec<Line<'a>>) {
    let by_clients = sweep.dimensions.clients.len() > 1;
    let by_budget = !by_clients && sweep.dimensions.budgets.len() > 1;
    let axis = match (by_clients, by_budget) {
        (true, _) => "clients",
        (false, true) => "faults that may strike",
        (false, false) => "combination",
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
