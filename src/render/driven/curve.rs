//! The picture of a measurement: percentiles of the time of each call.

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use super::rates::Rates;
use crate::render::svg::{COLOURS, accessible, legend};

/// Width and height of the picture in pixels.
const SIZE: (u32, u32) = (800, 420);

/// Pixels on the left for the axis, and on the right for the names of calls.
const AXIS: i32 = 84;
const NAMES: i32 = 200;

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
        .x_desc("share of the calls that take no longer")
        .y_label_formatter(&|micros| duration(*micros))
        .axis_desc_style(("sans-serif", 16))
        .label_style(("sans-serif", 15))
        .light_line_style(WHITE.mix(0.0))
        .bold_line_style(RGBColor(235, 235, 235))
        .draw()?;
    // Where colours come round again, lines are dashed.
    let style = |at: usize| (COLOURS[at % COLOURS.len()], at / COLOURS.len() % 2 == 1);
    for (at, times) in rates.calls.values().enumerate() {
        let (colour, dashed) = style(at);
        let points = (0_u8..).zip(times.percentiles());
        let points: Vec<_> =
            points.map(|(place, (_, us))| (f64::from(place), us.max(least))).collect();
        let line = colour.stroke_width(2);
        if dashed {
            chart.draw_series(DashedLineSeries::new(points.iter().copied(), 5, 4, line))?;
        } else {
            chart.draw_series(LineSeries::new(points.iter().copied(), line))?;
        }
        chart.draw_series(points.into_iter().map(|at| Circle::new(at, 3, colour.filled())))?;
    }
    let names = rates.calls.keys().enumerate().map(|(at, name)| (name.as_str(), style(at)));
    let names = names.map(|(name, (colour, dashed))| (name, colour, dashed));
    legend(&area, SIZE.0.cast_signed() - NAMES + 12, names)?;
    area.present()?;
    Ok(())
}

/// Microseconds in the unit in which they are read most easily.
fn duration(micros: f64) -> String {
    match micros {
        ..1e3 => format!("{micros} us"),
        ..1e6 => format!("{} ms", micros / 1e3),
        _ => format!("{} s", micros / 1e6),
    }
}
