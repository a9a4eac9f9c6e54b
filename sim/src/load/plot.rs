//! What does a load look like? A picture of latency over virtual time, outages shaded.

use mapi_logon_model::scenario::Scenario;
use plotters::prelude::*;

use super::LoadReport;
use super::series::Row;
use crate::duration::seconds;

/// Width and height in pixels.
const SIZE: (u32, u32) = (960, 480);

/// Outages that are shaded; more would be a blur.
const SHADES: usize = 100;

/// Shortest latency on the scale, in milliseconds.
const LEAST: f64 = 0.01;

/// A line of the picture: its name, its colour, its figure.
type Line = (&'static str, RGBColor, fn(&Row) -> f64);

const LINES: [Line; 4] = [
    ("longest", RGBColor(200, 200, 200), |row| row.total_max),
    ("99 in 100 no longer than", RGBColor(214, 96, 32), |row| {
        row.total_p99
    }),
    ("half no longer than", RGBColor(28, 98, 170), |row| {
        row.total_p50
    }),
    ("mean wait for the mutex", RGBColor(60, 140, 90), |row| {
        row.wait_mean
    }),
];

/// The picture could not be drawn.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the picture cannot be drawn: {0}")]
pub struct PlotError(String);

/// Draws a load as SVG.
///
/// # Errors
/// [`PlotError`] where the drawing library refuses.
pub fn plot(scenario: &Scenario, report: &LoadReport) -> Result<String, PlotError> {
    let mut svg = String::new();
    draw(&mut svg, scenario, report).map_err(PlotError)?;
    Ok(svg)
}

fn draw(svg: &mut String, scenario: &Scenario, report: &LoadReport) -> Result<(), String> {
    let rows: Vec<_> = report
        .series
        .rows()
        .filter(|row| row.served + row.failed > 0.0)
        .collect();
    let end = seconds(report.logons.last_return).max(1.0);
    let highest = rows
        .iter()
        .fold(1.0_f64, |most, row| most.max(row.total_max))
        * 1.5;
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE).map_err(told)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title(scenario), ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..end, (LEAST..highest).log_scale())
        .map_err(told)?;
    for outage in report.outages.iter().take(SHADES) {
        let (from, to) = (seconds(outage.from).min(end), seconds(outage.to).min(end));
        let shade = RGBColor(200, 30, 60).mix(0.12).filled();
        let rectangle = Rectangle::new([(from, LEAST), (to, highest)], shade);
        chart.draw_series([rectangle]).map_err(told)?;
        let name = scenario.providers[outage.provider.index()].name.clone();
        let style = ("sans-serif", 12).into_font().color(&RGBColor(150, 30, 50));
        let label = Text::new(name, (from, highest / 1.2), style);
        if from < end && report.outages.len() < 12 {
            chart.draw_series([label]).map_err(told)?;
        }
    }
    chart
        .configure_mesh()
        .light_line_style(WHITE.mix(0.0))
        .bold_line_style(RGBColor(235, 235, 235))
        .x_desc("virtual time, seconds")
        .y_desc("MAPILogonEx, milliseconds")
        .y_label_formatter(&|ms| short(*ms))
        .x_label_formatter(&|seconds| short(*seconds))
        .draw()
        .map_err(told)?;
    for (name, colour, figure) in LINES {
        let points = rows
            .iter()
            .map(|row| (f64::midpoint(row.from, row.to), figure(row)));
        let points = points.map(|(at, ms)| (at, ms.max(LEAST)));
        let line = chart.draw_series(LineSeries::new(points, colour.stroke_width(2)));
        let key = move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(2));
        line.map_err(told)?.label(name).legend(key);
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .border_style(RGBColor(220, 220, 220))
        .label_font(("sans-serif", 12))
        .draw()
        .map_err(told)?;
    area.present().map_err(told)
}

fn title(scenario: &Scenario) -> String {
    let name = scenario.name.as_deref().unwrap_or("load");
    format!("{name}: how long MAPILogonEx takes")
}

/// A number without needless digits.
fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
