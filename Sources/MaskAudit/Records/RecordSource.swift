/// Where records of units are read from, by several threads.
protocol RecordSource: AnyObject, Sendable {
    func record(unit: Int) throws(AuditError) -> UnitRecord
}

/// Takes the records of pass 1, from several threads in any order.
protocol RecordKeeper: AnyObject, Sendable {
    func store(_ record: UnitRecord, unit: Int) throws(AuditError)
}
