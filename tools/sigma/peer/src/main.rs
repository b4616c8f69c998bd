//! The peer of `npm run bench:sigma`: rsigma-eval over the same rules and events, in one thread.
//!
//! `sigma-peer RULES_DIR EVENTS.ndjson PASSES BLOOM CROSS [PIPELINE.yml]` prints one line of JSON: for each pass the CPU seconds of matching alone (events parsed
//! before, outside of the clock) and of parsing and matching each line, and how often each rule matched in one pass.

use std::collections::BTreeMap;
use std::{env, fs, path::Path};

use rsigma_eval::{Engine, JsonEvent, LogSourceExtractor, parse_pipeline};
use rsigma_parser::{LogSource, parse_sigma_directory};
use serde_json::{Value, json};

/// CPU seconds of this process so far, in user and kernel.
fn cpu() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec, which the call fills.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    assert_eq!(failed, 0, "no CPU clock");
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let [rules, events, passes, bloom, cross, rest @ ..] = args.as_slice() else {
        panic!("usage: sigma-peer RULES_DIR EVENTS.ndjson PASSES BLOOM CROSS [PIPELINE.yml]");
    };
    let passes: usize = passes.parse().expect("PASSES is a number");
    let collection = parse_sigma_directory(Path::new(rules)).expect("readable rules");
    let mut engine = Engine::new();
    if let [pipeline] = rest {
        let text = fs::read_to_string(pipeline).expect("readable pipeline");
        engine.add_pipeline(parse_pipeline(&text).expect("a pipeline"));
        // All events of this benchmark are of Windows, and rules about other products need not be looked at.
        let windows = LogSource { product: Some("windows".to_string()), ..LogSource::default() };
        engine.set_logsource_extractor(Some(LogSourceExtractor::new().with_defaults(windows)));
    }
    engine.set_bloom_prefilter(bloom == "true");
    engine.set_cross_rule_ac(cross == "true");
    let failed = engine.add_rules(&collection.rules).len();

    let text = fs::read_to_string(events).expect("readable events");
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let parsed: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).expect("an event")).collect();
    let mut matching = Vec::new();
    let mut both = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for pass in 0..passes {
        let start = cpu();
        let mut found = 0;
        for value in &parsed {
            found += engine.evaluate(&JsonEvent::borrow(value)).len();
        }
        matching.push(cpu() - start);
        let start = cpu();
        for line in &lines {
            let value: Value = serde_json::from_str(line).expect("an event");
            found += engine.evaluate(&JsonEvent::owned(value)).len();
        }
        both.push(cpu() - start);
        std::hint::black_box(found);
        if pass == 0 {
            for value in &parsed {
                for result in engine.evaluate(&JsonEvent::borrow(value)) {
                    *counts.entry(result.header.rule_id.unwrap_or_default()).or_default() += 1;
                }
            }
        }
    }
    println!(
        "{}",
        json!({ "rules": engine.rule_count(), "failed": failed, "events": lines.len(), "matching": matching, "both": both, "counts": counts })
    );
}
