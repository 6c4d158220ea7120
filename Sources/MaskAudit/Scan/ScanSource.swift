/// Where a run takes its scan from: labels and probabilities, or what an earlier run kept of them.
public struct ScanSource: Sendable {
    /// Pairs and checks what there is, by headers alone.
    let open: @Sendable (AuditPlan) throws(AuditError) -> any OpenedSource

    /// Labels and probabilities.
    public static let data = ScanSource { plan throws(AuditError) in
        OpenedData(dataset: try Dataset(plan.dataset, for: plan.rule))
    }
}

/// A source whose images are known and which can be scanned.
protocol OpenedSource {
    var dataset: Dataset { get }

    /// Throws where an option needs labels and probabilities themselves and the source has none.
    func checkHasArrays(for option: String) throws(AuditError)

    func context(_ plan: AuditPlan, temporaryFolder: String) throws(AuditError) -> RunContext

    /// - Parameter passTotal: passes of the whole run, for whoever shows the progress.
    func scan(_ context: RunContext, passTotal: Int, progress: ProgressMeter) throws(AuditError) -> Scan
}

private struct OpenedData: OpenedSource {
    let dataset: Dataset

    func checkHasArrays(for option: String) {}

    func context(_ plan: AuditPlan, temporaryFolder: String) throws(AuditError) -> RunContext {
        try RunContext(plan: plan, dataset: dataset, temporaryFolder: temporaryFolder)
    }

    func scan(_ context: RunContext, passTotal: Int, progress: ProgressMeter) throws(AuditError) -> Scan {
        try Scan(of: context, passTotal: passTotal, progress: progress)
    }
}

/// What pass 1 leaves: sums over the dataset, and a record of every unit.
struct Scan: Sendable {
    var result: ScanPass.Result
    let records: any RecordSource

    init(result: ScanPass.Result, records: any RecordSource) {
        self.result = result
        self.records = records
    }

    /// Runs pass 1 over labels and probabilities and keeps its records.
    ///
    /// - Parameter makeObserver: makes what looks at each unit while its bytes are at hand, one for each thread.
    init(
        of context: RunContext, passTotal: Int, progress: ProgressMeter,
        makeObserver: (@Sendable () -> any UnitObserver)? = nil
    ) throws(AuditError) {
        let store = RecordStore(context)
        progress.begin(pass: 1, of: passTotal, context.dataset)
        result = try ScanPass(context: context, store: store, progress: progress, makeObserver: makeObserver).run()
        records = store
    }
}
