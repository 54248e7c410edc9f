//! Reads profiles, and loads all definitions of a run.

use std::collections::{BTreeMap, BTreeSet};

use sorting::Sorting;

use crate::benchmark::load::{
    Controls, Draft, defined_twice, draft, given, misfits, platforms, target_name, without_extension,
};
use crate::benchmark::reader::{Fields, Problem, Reader};
use crate::benchmark::tree::{Content, Entry, Node, TOP};
use crate::benchmark::{Benchmark, Diagnostics, Library, Setting, SourceFile, Target};

use super::{Adjustment, ControlSkip, NumberSkip, Profile, UnlessSet};
use crate::SharedText;

/// Reads benchmark files and profile files on top of existing definitions and checks everything together.
///
/// An item with an existing name replaces it. Returns all mistakes in all files as the error.
pub(crate) fn load_all(
    base: (&Library, &[Profile]),
    benchmark_files: &[SourceFile],
    profile_files: &[SourceFile],
) -> Result<(Library, Vec<Profile>), Diagnostics> {
    let (library, profiles) = base;
    let Draft {
        library,
        unreadable_components,
        unreadable_controls,
        unreadable_benchmarks,
        control_origins,
        mut mistakes,
    } = draft(library, benchmark_files);
    let controls = Controls { known: library.controls.to_value(), unreadable: unreadable_controls };
    let context = Context {
        library: &library,
        unreadable_components,
        controls: &controls,
        unreadable_benchmarks: &unreadable_benchmarks,
    };

    let mut read: Vec<Profile> = Vec::new();
    let mut seen: BTreeMap<&str, &SourceFile> = BTreeMap::new();
    for file in profile_files {
        let (mut reader, root) = Reader::open(file);
        let name = without_extension(&file.path).filter(|name| !name.is_empty() && !name.contains('/'));
        let first = name.map(|name| *seen.entry(name).or_insert(file));
        match (name, root) {
            (None, _) => {
                let problem = Problem::new("misplaced-file", format!("{:?} is not a profile", file.path));
                reader.refuse(TOP, problem.hint("NAME.yaml is"));
            }
            (Some(name), _) if first.is_some_and(|first| !std::ptr::eq(first, file)) => {
                if let Some(first) = first {
                    reader.refuse(TOP, defined_twice(&format!("profile {name:?}"), first));
                }
            }
            (Some(name), Some(root)) => read.push(context.profile(&mut reader, name, &root)),
            (Some(_), None) => {}
        }
        mistakes.extend(reader.into_mistakes());
    }
    let stay: Vec<&Profile> =
        profiles.iter().filter(|known| read.iter().all(|profile| profile.name != known.name)).collect();
    for misfit in stay.iter().flat_map(|profile| context.misfits(profile)) {
        // Existing definitions were valid, so only one of these files can have broken the profile.
        let (path, span) = match misfit.of {
            Of::Control(key) => match control_origins.get(key) {
                Some((path, span)) => (path.clone(), *span),
                None => continue,
            },
            Of::Benchmark(name) => (format!("{name}.yaml"), TOP),
            Of::Components => ("components.yaml".to_owned(), TOP),
        };
        let at = without_extension(&path);
        if let Some(file) = benchmark_files.iter().find(|file| without_extension(&file.path) == at) {
            let mut reader = Reader::on(file);
            reader.refuse(span, misfit.problem);
            mistakes.extend(reader.into_mistakes());
        }
    }
    let mut all: Vec<Profile> = stay.into_iter().cloned().chain(read).collect();
    all.order_by(|a, b| a.name.cmp(&b.name));
    Diagnostics::unless_any(mistakes, (library, all))
}

/// The definitions that profiles are checked against.
struct Context<'l> {
    library: &'l Library,
    unreadable_components: bool,
    controls: &'l Controls,
    unreadable_benchmarks: &'l BTreeSet<SharedText>,
}

/// A reference from an existing profile that broke when its target was replaced.
struct Misfit<'p> {
    of: Of<'p>,
    problem: Problem,
}

/// The replaced definition.
enum Of<'p> {
    Control(&'p str),
    Benchmark(&'p str),
    Components,
}

impl Context<'_> {
    fn profile(&self, reader: &mut Reader<'_>, name: &str, root: &Node) -> Profile {
        let known = ["title", "platforms", "skip", "adjust", "benchmark", "skip_numbers"];
        let fields = reader.fields("the profile", root.span, root, &known);
        let title = fields.text(reader, "title").unwrap_or_default();
        let platforms = platforms(reader, &fields, "platforms");
        let benchmark = fields.text_if_any(reader, "benchmark");
        if let (Some(benchmark), Some(node)) = (&benchmark, fields.value("benchmark"))
            && !self.library.benchmarks.contains_key(benchmark)
            && !self.unreadable_benchmarks.contains(benchmark)
        {
            let known = self.library.benchmarks.keys().map(SharedText::as_str);
            reader.refuse(node.span, Problem::unknown("unknown-benchmark", "benchmark", benchmark, known));
        }
        if let (Some(entry), None) = (fields.get("skip_numbers"), fields.get("benchmark"))
            && !fields.in_doubt()
        {
            let problem = Problem::new("missing-key", "\"skip_numbers\" without \"benchmark\"")
                .hint("name the benchmark whose numbers these are");
            reader.refuse(entry.key.span, problem);
        }
        let mut skipped = BTreeSet::new();
        let skip =
            items(reader, &fields, "skip").iter().filter_map(|item| self.skip(reader, item, &mut skipped)).collect();
        let mut adjusted = BTreeSet::new();
        let adjust = items(reader, &fields, "adjust")
            .iter()
            .filter_map(|item| self.adjustment(reader, item, &mut adjusted))
            .collect();
        let mut numbers = BTreeSet::new();
        let skip_numbers = items(reader, &fields, "skip_numbers")
            .iter()
            .filter_map(|item| self.number(reader, item, benchmark.as_deref(), &mut numbers))
            .collect();
        Profile { name: name.into(), title, benchmark, platforms, skip, skip_numbers, adjust }
    }

    fn skip(&self, reader: &mut Reader<'_>, item: &Node, seen: &mut BTreeSet<SharedText>) -> Option<ControlSkip> {
        let known = ["control", "unless_set", "reason", "source", "guide_ids"];
        let fields = reader.fields("an item of \"skip\"", item.span, item, &known);
        let control = self.control(reader, &fields, "control", Some(seen));
        let reason = fields.text(reader, "reason");
        let source = fields.text(reader, "source");
        let guide_ids = fields.texts(reader, "guide_ids");
        let unless_set = match fields.get("unless_set") {
            // Dropping only the condition would skip more than intended.
            Some(entry) => Some(self.unless_set(reader, entry)?),
            None => None,
        };
        Some(ControlSkip { control: control?, reason: reason?, source: source?, guide_ids, unless_set })
    }

    /// Reads the setting that cancels a skip.
    fn unless_set(&self, reader: &mut Reader<'_>, entry: &Entry) -> Option<UnlessSet> {
        let fields = reader.fields("\"unless_set\"", entry.key.span, &entry.value, &["component", "flag", "key"]);
        let component = fields.text(reader, "component");
        let flag = fields.value("flag").and_then(|node| reader.flag("\"flag\"", node));
        let key = fields.value("key").and_then(|node| reader.key_path("\"key\"", node));
        if fields.get("flag").is_none() && fields.get("key").is_none() && !fields.in_doubt() {
            let problem =
                Problem::new("no-setting", "\"unless_set\" names no setting").hint("give a flag, a key or both");
            reader.refuse(entry.key.span, problem);
        }
        let unless_set = UnlessSet { component: component?, setting: Setting::new(flag, key) };
        if !self.unreadable_components
            && let Some((name, problem)) = self.misfit_of(&unless_set)
        {
            reader.refuse(fields.value(name)?.span, problem);
        }
        Some(unless_set)
    }

    /// Returns the problem with a setting that cancels a skip, and the key to report it at.
    fn misfit_of(&self, unless_set: &UnlessSet) -> Option<(&'static str, Problem)> {
        let UnlessSet { component, setting } = unless_set;
        let Some(found) = self.library.with_process(component) else {
            let known = self.library.components.keys().map(SharedText::as_str);
            return Some(("component", Problem::unknown("unknown-component", "component", component, known)));
        };
        (setting.key.is_some() && found.config.is_none()).then(|| {
            let problem = Problem::new("no-config", format!("{:?} has no configuration file", found.key));
            ("key", problem.hint("leave out the key, or give the component a \"config\""))
        })
    }

    fn adjustment(&self, reader: &mut Reader<'_>, item: &Node, seen: &mut BTreeSet<SharedText>) -> Option<Adjustment> {
        let fields = reader.fields("an item of \"adjust\"", item.span, item, &["control", "with", "reason", "source"]);
        let control = self.control(reader, &fields, "control", Some(seen));
        let known = control.as_ref().and_then(|key| self.controls.known.get(key)).map(|control| &**control);
        let node = fields.required(reader, "with");
        let with = given(reader, node, known, item.span, true);
        let reason = fields.text(reader, "reason");
        let source = fields.text(reader, "source");
        Some(Adjustment { control: control?, with, reason: reason?, source: source? })
    }

    fn number(
        &self,
        reader: &mut Reader<'_>,
        item: &Node,
        benchmark: Option<&str>,
        seen: &mut BTreeSet<(Target, SharedText)>,
    ) -> Option<NumberSkip> {
        let known = ["target", "id", "meant", "reason", "source"];
        let fields = reader.fields("an item of \"skip_numbers\"", item.span, item, &known);
        let meant = self.control(reader, &fields, "meant", None);
        let reason = fields.text(reader, "reason");
        let source = fields.text(reader, "source");
        let id = fields.text(reader, "id");
        let target = fields.text(reader, "target");
        let (target, id) = (target?, id?);
        let target = reader.keep(fields.value("target")?.span, target_name(&target))?;
        let span = fields.value("id")?.span;
        let known = benchmark.and_then(|name| self.library.benchmarks.get(name));
        if let Some(benchmark) = known
            && !self.unreadable_benchmarks.contains(&benchmark.name)
        {
            reader.keep(span, number_of(benchmark, target, &id))?;
        }
        if !seen.insert((target, id.clone())) {
            reader.refuse(span, Problem::new("duplicate-entry", format!("{target} {id} is left out twice")));
        }
        Some(NumberSkip { target, id, meant: meant?, reason: reason?, source: source? })
    }

    /// Reads the key of an existing control. With `seen`, refuses a key that is already in it.
    fn control(
        &self,
        reader: &mut Reader<'_>,
        fields: &Fields<'_>,
        name: &str,
        seen: Option<&mut BTreeSet<SharedText>>,
    ) -> Option<SharedText> {
        let node = fields.required(reader, name)?;
        let (key, _) = self.controls.read(reader, node, &format!("{name:?}"))?;
        if let Some(seen) = seen
            && !seen.insert(key.clone())
        {
            reader.refuse(node.span, Problem::new("duplicate-entry", format!("{key:?} is listed twice")));
        }
        Some(key)
    }

    /// Returns the references of an existing profile that are no longer valid.
    fn misfits<'p>(&self, profile: &'p Profile) -> Vec<Misfit<'p>> {
        let no_longer = |problem: Problem| Problem {
            code: "misfit",
            message: format!("profile {:?} no longer fits: {}", profile.name, problem.message),
            hint: problem.hint,
        };
        let mut found = Vec::new();
        for adjustment in &profile.adjust {
            let Some(control) = self.controls.known.get(&adjustment.control) else { continue };
            found.extend(
                misfits(control, &adjustment.with, true)
                    .into_iter()
                    .map(|misfit| Misfit { of: Of::Control(&adjustment.control), problem: no_longer(misfit.problem) }),
            );
        }
        let conditions = profile.skip.iter().filter_map(|skip| skip.unless_set.as_ref());
        if !self.unreadable_components {
            found.extend(conditions.filter_map(|condition| {
                let (_, problem) = self.misfit_of(condition)?;
                Some(Misfit { of: Of::Components, problem: no_longer(problem) })
            }));
        }
        let benchmark = profile.benchmark.as_ref().filter(|name| !self.unreadable_benchmarks.contains(*name));
        if let Some(benchmark) = benchmark.and_then(|name| self.library.benchmarks.get(name)) {
            for skip in &profile.skip_numbers {
                if let (Err(problem), Some(name)) =
                    (number_of(benchmark, skip.target, &skip.id), profile.benchmark.as_deref())
                {
                    found.push(Misfit { of: Of::Benchmark(name), problem: no_longer(problem) });
                }
            }
        }
        found
    }
}

/// Checks that a benchmark has this number.
fn number_of(benchmark: &Benchmark, target: Target, id: &str) -> Result<(), Problem> {
    let index = benchmark.target(target).ok_or_else(|| {
        let known = benchmark.targets.iter().map(|index| index.target.name());
        let mut problem = Problem::unknown("unknown-target", "target", target.name(), known);
        problem.message = format!("{} has no target {:?}", benchmark.name, target.name());
        problem
    })?;
    if index.check(id).is_some() {
        return Ok(());
    }
    let known = index.checks().map(|check| check.id.as_str());
    let problem = Problem::unknown("unknown-number", "number", id, known);
    Err(Problem { message: format!("{} {target} has no number {id:?}", benchmark.name), ..problem })
}

/// Returns the items of an optional list.
fn items<'n>(reader: &mut Reader<'_>, fields: &Fields<'n>, name: &str) -> &'n [Node] {
    let Some(node) = fields.value(name) else { return &[] };
    if let Content::Sequence(items) = &node.content {
        return items;
    }
    reader.wrong_type(&format!("{name:?}"), "a list", node);
    &[]
}
