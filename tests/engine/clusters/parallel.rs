//! Parallel work on all cores.

/// Returns the results for all numbers below `count`, in order. Each worker calls `prepare` once.
pub fn on_all_cores<P, T: Send>(
    count: usize,
    prepare: impl Fn() -> P + Sync,
    work: impl Fn(&P, usize) -> T + Sync,
) -> Vec<T> {
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(count.max(1));
    let mut all: Vec<(usize, T)> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..workers)
            .map(|worker| {
                let (prepare, work) = (&prepare, &work);
                scope.spawn(move || {
                    let prepared = prepare();
                    let mine = (worker..count).step_by(workers);
                    mine.map(|number| (number, work(&prepared, number))).collect::<Vec<_>>()
                })
            })
            .collect();
        started.into_iter().flat_map(|worker| worker.join().expect("a worker does not panic")).collect()
    });
    all.sort_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, result)| result).collect()
}
