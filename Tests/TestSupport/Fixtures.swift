/// Where `Tests/Fixtures` stands, found from this file's own path so that tests run from any folder.
package let fixturesPath: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(2).joined(separator: "/") + "/Fixtures"
}()

/// Where the repository stands.
package let repositoryPath: String = {
    let parts = fixturesPath.split(separator: "/", omittingEmptySubsequences: false)
    return parts.dropLast(2).joined(separator: "/")
}()
