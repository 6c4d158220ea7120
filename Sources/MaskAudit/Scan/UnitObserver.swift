/// Looks at each unit while pass 1 has its bytes at hand, on the thread that scanned it. Each thread has its own.
protocol UnitObserver: AnyObject {
    /// Called once for each unit, after the scan found no fault in it.
    func observe(_ unit: Int, labels: [ImageBytes], probabilities: [ImageBytes]) throws(AuditError)
}
