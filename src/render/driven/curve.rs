//! The picture of a measurement: percentiles of the time of each call.

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use super::rates::Rates;
use crate::render::svg::accessible;

/// Width and height of the picture in pixels.
const SIZE: (u32, u32) = (800, 420);

/// Pixels on the left for the axis, and on the right for the names of calls.
const AXIS: i32 = 84;
const NAMES: i32 = 200;

/// Pixels of a line's key beside its name.
const KEY: i32 = 28;

/// Draws the percentiles of each call as SVG.
///
/// # Errors
/// When the drawing library refuses.
pub fn curve(system: &str, rates: &Rates) -> Result<String> {
    let mut svg = String::new();
    draw(&mut svg, system, rates)
        .map_err(|error| anyhow!("the picture cannot be drawn: {error}"))?;
    Ok(accessible(&svg, &format!("{system}: time of each call")))
}

fn draw(
    svg: &mut String,
    system: &str,
    rates: &Rates,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let times = || rates.calls.values().flat_map(|times| times.percentiles().map(|(_, us)| us));
    let least = times().fold(f64::MAX, f64::min).clamp(0.1, 1e9);
    let most = times().fold(least * 10.0, f64::max) * 1.5;
    let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(format!("{system}: time of each call"), ("sans-serif", 20))
        .margin(12)
        .margin_right(NAMES)
        .x_label_area_size(44)
        .y_label_area_size(AXIS)
        .build_cartesian_2d(-0.2..4.2, (least..most).log_scale())?;
    let names = ["50 %", "90 %", "99 %", "99.9 %", "longest"];
    let name = |at: &f64| {
        let near = (0_u8..).zip(names).find(|(place, _)| (f64::from(*place) - at).abs() < 0.1);
        near.map_or_else(String::new, |(_, name)| name.to_owned())
    };
    chart
        .configure_mesh()
        .x_labels(10)
        .x_label_formatter(&name)
        .y_desc("microseconds")
        .y_label_formatter(&|value| format!("{value}"))
        .axis_desc_style(("sans-serif", 16))
        .label_style(("sans-serif", 15))
        .light_line_style(WHITE.mix(0.0))
        .bold_line_style(RGBColor(235, 235, 235))
        .draw()?;
    for (at, (call, times)) in rates.calls.iter().enumerate() {
        let colour = Palette99::pick(at).to_rgba();
        let points = (0_u8..).zip(times.percentiles());
        let points = points.map(|(place, (_, us))| (f64::from(place), us.max(least)));
        chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
        let (x, y) = (SIZE.0.cast_signed() - NAMES + KEY / 2, 48 + 22 * i32::try_from(at)?);
        area.draw(&PathElement::new([(x, y), (x + KEY, y)], colour.stroke_width(3)))?;
        area.draw(&Text::new(call.as_str(), (x + KEY + 8, y - 7), ("sans-serif", 14)))?;
    }
    area.present()?;
    Ok(())
}
