// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
]

// Optimised in debug builds too, because tests spend most of their time in these targets' loops over single values.
let optimisedSettings = swiftSettings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let cSettings: [CSetting] = [
    .enableWarning("all"),
    .enableWarning("extra"),
    .enableWarning("conversion"),
    .treatAllWarnings(as: .error),
    .unsafeFlags(["-O2"], .when(configuration: .debug)),
]

let package = Package(
    name: "masklint",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "masklint", targets: ["masklint"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .target(name: "CHostSystem", cSettings: cSettings),
        .target(
            name: "CNpyIO", dependencies: ["CHostSystem"], cSettings: cSettings, linkerSettings: [.linkedLibrary("z")]),
        .target(name: "CPixelKernels", cSettings: cSettings),
        .target(name: "Libc", swiftSettings: swiftSettings),
        .target(name: "Locking", dependencies: ["Libc"], swiftSettings: swiftSettings),
        .target(name: "HostSystem", dependencies: ["CHostSystem", "Libc", "Locking"], swiftSettings: swiftSettings),
        .target(
            name: "NumPyFiles", dependencies: ["CNpyIO", "CHostSystem", "HostSystem", "Locking"],
            swiftSettings: optimisedSettings),
        .target(name: "ConfidentLearning", dependencies: ["CPixelKernels", "Libc"], swiftSettings: optimisedSettings),
        .target(
            name: "MaskAudit", dependencies: ["Libc", "Locking", "HostSystem", "NumPyFiles", "ConfidentLearning"],
            swiftSettings: swiftSettings),
        .target(
            name: "Reporting", dependencies: ["MaskAudit", "NumPyFiles", "HostSystem", "Libc", "Locking"],
            resources: [
                .embedInCode("Page/report.html"), .embedInCode("Page/report.css"), .embedInCode("Page/report.js"),
            ],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "masklint",
            dependencies: [
                "Reporting", "MaskAudit", "ConfidentLearning", "NumPyFiles", "HostSystem", "Libc", "Locking",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "TestSupport", dependencies: ["Libc", "Locking"], path: "Tests/TestSupport",
            swiftSettings: optimisedSettings),
        .testTarget(
            name: "HostSystemTests", dependencies: ["HostSystem", "TestSupport"], swiftSettings: swiftSettings),
        .testTarget(
            name: "NumPyFilesTests", dependencies: ["NumPyFiles", "Libc", "TestSupport"], swiftSettings: swiftSettings),
        .testTarget(
            name: "ConfidentLearningTests",
            dependencies: ["ConfidentLearning", "CPixelKernels", "Libc", "TestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "MaskAuditTests",
            dependencies: ["MaskAudit", "Locking", "NumPyFiles", "ConfidentLearning", "TestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ReportingTests",
            dependencies: ["Reporting", "MaskAudit", "ConfidentLearning", "NumPyFiles", "TestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "masklintTests",
            dependencies: [
                "masklint", "Reporting", "MaskAudit", "ConfidentLearning", "NumPyFiles", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings),
    ],
    cLanguageStandard: .c11
)
