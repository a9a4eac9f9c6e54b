//! How a search grows from thousands of states to a thousand million: time and memory of the
//! command, with one worker and two, as a table and a picture.
//!
//! `cargo bench --bench growth -- [--states N] [--plot FILE.svg]` leaves out worlds of more than N
//! states, 100 million if it is not given.

use std::error::Error;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use criterion::measurement::{Measurement as _, WallTime};
use mapi_logon::render::svg::accessible;
use plotters::coord::Shift;
use plotters::prelude::*;

/// Scenario files, numbers of faults, and how many states that makes.
const WORLDS: [(&str, u8, u64); 9] = [
    ("benches/bad-day.toml", 1, 40_115),
    ("benches/bad-day.toml", 2, 960_928),
    ("benches/bad-day.toml", 3, 10_880_906),
    ("benches/storm4.toml", 2, 14_671_050),
    ("benches/bad-day.toml", 4, 55_951_100),
    ("benches/billion.toml", 2, 59_770_582),
    ("benches/bad-day.toml", 5, 151_991_138),
    ("benches/storm4.toml", 3, 252_491_471),
    ("benches/billion.toml", 3, 1_201_704_653),
];

/// A world this large is explored, unless `--states` says more.
const STATES: u64 = 100_000_000;

/// What one search took.
#[derive(Clone, Copy)]
struct Took {
    processor: f64,
    elapsed: f64,
    megabytes: f64,
}

struct Row {
    states: f64,
    one: Took,
    two: Took,
}

impl Row {
    /// Seconds that four cores take on paper: every further worker costs the processor time that
    /// the second does, and waits as much.
    fn four(&self) -> f64 {
        let dearer = self.two.processor / self.one.processor - 1.0;
        let waiting = self.two.elapsed / (self.two.processor / 2.0);
        self.one.processor * (1.0 + 3.0 * dearer.max(0.0)) / 4.0 * waiting.max(1.0)
    }
}

/// Runs the command once and looks at it from outside.
fn search(file: &str, faults: u8, workers: u8) -> Result<Took, Box<dyn Error>> {
    let (before, start) = (children()?, WallTime.start());
    let mut child = Command::new(env!("CARGO_BIN_EXE_mapi-logon"))
        .args(["check", file, "--sweep-line", "--budget", &faults.to_string()])
        .args(["--workers", &workers.to_string(), "--quiet"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut kilobytes = 0u32;
    let ended = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let most = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        kilobytes = kilobytes.max(most.unwrap_or_default());
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        sleep(Duration::from_millis(1));
    };
    if !ended.success() {
        return Err(format!("{file}, {faults} faults, {workers} workers: {ended}").into());
    }
    let elapsed = WallTime.end(start).as_secs_f64();
    let processor = children()? - before;
    Ok(Took { processor, elapsed, megabytes: f64::from(kilobytes) / 1024.0 })
}

/// The processor seconds of all children that have ended.
fn children() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(") ").unwrap_or_default();
    let ticks = fields.split_whitespace().skip(13).take(2);
    Ok(ticks.map(|field| field.parse().unwrap_or(0.0)).sum::<f64>() / 100.0)
}

/// One line of a panel: its name, colour, whether it was computed, and a value of every row.
type Line = (&'static str, RGBColor, bool, fn(&Row) -> f64);

const TIME: [Line; 3] = [
    ("one core", RGBColor(0, 114, 178), false, |row| row.one.elapsed),
    ("two cores", RGBColor(213, 94, 0), false, |row| row.two.elapsed),
    ("four, on paper", RGBColor(0, 158, 115), true, Row::four),
];

const MEMORY: [Line; 2] = [
    ("one core", RGBColor(0, 114, 178), false, |row| row.one.megabytes),
    ("two cores", RGBColor(213, 94, 0), false, |row| row.two.megabytes),
];

type Panel<'s> = DrawingArea<SVGBackend<'s>, Shift>;

fn draw(panel: &Panel<'_>, rows: &[Row], axis: &str, lines: &[Line]) -> Result<(), Box<dyn Error>> {
    let all = || rows.iter().flat_map(|row| lines.iter().map(|line| (line.3)(row)));
    let (least, most) = (all().fold(f64::MAX, f64::min), all().fold(0.0, f64::max));
    let mut chart = ChartBuilder::on(panel)
        .margin(12)
        .margin_right(150)
        .x_label_area_size(44)
        .y_label_area_size(84)
        .build_cartesian_2d((1e4..2e9).log_scale(), (least / 2.0..most * 2.0).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(WHITE.mix(0.0))
        .bold_line_style(RGBColor(235, 235, 235))
        .x_desc("states")
        .y_desc(axis)
        .axis_desc_style(("sans-serif", 16))
        .label_style(("sans-serif", 15))
        .x_label_formatter(&|value| format!("{value:.0e}").replace("1e", "10^"))
        .y_label_formatter(&|value| format!("{value}"))
        .draw()?;
    for (number, (name, colour, computed, of)) in lines.iter().enumerate() {
        let points: Vec<_> = rows.iter().map(|row| (row.states, of(row))).collect();
        let style = colour.stroke_width(2);
        if *computed {
            chart.draw_series(DashedLineSeries::new(points, 5, 4, style))?;
        } else {
            chart.draw_series(LineSeries::new(points.iter().copied(), style))?;
            let marks = points.iter().map(|point| Circle::new(*point, 3, colour.filled()));
            chart.draw_series(marks)?;
        }
        let y = 40 + 22 * i32::try_from(number)?;
        panel.draw(&PathElement::new(vec![(660, y + 6), (684, y + 6)], style))?;
        panel.draw(&Text::new(*name, (692, y), ("sans-serif", 15)))?;
    }
    Ok(())
}

fn picture(rows: &[Row]) -> Result<String, Box<dyn Error>> {
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, (800, 760)).into_drawing_area();
    area.fill(&WHITE)?;
    let panels = area.split_evenly((2, 1));
    for (panel, (axis, lines)) in
        panels.iter().zip([("seconds", &TIME[..]), ("megabytes", &MEMORY[..])])
    {
        draw(panel, rows, axis, lines)?;
    }
    area.present()?;
    drop(panels);
    drop(area);
    Ok(accessible(&svg, "Time and memory of a search behind a sweep line, by its states"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    // Under `cargo test` only the smallest.
    let benching = arguments.iter().any(|argument| argument == "--bench");
    let most = after("--states").map_or(Ok(STATES), |states| states.parse())?;
    let most = if benching { most } else { 100_000 };
    let mut rows = Vec::new();
    println!(
        "| World | States | Processor | Elapsed | two cores | four, on paper | Memory | two |"
    );
    println!("|:--|--:|--:|--:|--:|--:|--:|--:|");
    for (file, faults, states) in WORLDS.into_iter().filter(|(_, _, states)| *states <= most) {
        let row = Row {
            states: states as f64,
            one: search(file, faults, 1)?,
            two: search(file, faults, 2)?,
        };
        print!("| `{file}`, faults: {faults} | {states} | {:.2} s | ", row.one.processor);
        print!("{:.2} s | {:.2} s | {:.2} s | ", row.one.elapsed, row.two.elapsed, row.four());
        println!("{:.0} MB | {:.0} MB |", row.one.megabytes, row.two.megabytes);
        rows.push(row);
    }
    if let Some(file) = after("--plot") {
        std::fs::write(file, picture(&rows)?)?;
    }
    Ok(())
}
