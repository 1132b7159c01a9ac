// swift-tools-version: 6.2

// The benchmark program; scripts/bench builds and runs it. A package of its own, as a user's would be, so that nothing of
// it reaches those who use the library. libsystemd is not asked for.

import PackageDescription

let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "txaio", path: "..", traits: ["NIO"]),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
    ],
    targets: [
        .target(name: "CBench"),
        // libsystemd as it is when the program runs: building needs none of it.
        .target(name: "CLibSystemd"),
        .executableTarget(
            name: "Benchmark",
            dependencies: [
                "CBench", "CLibSystemd", .product(name: "TxaioCore", package: "txaio"),
                .product(name: "TxaioLog", package: "txaio"),
                .product(name: "TxaioEmitters", package: "txaio"),
                .product(name: "TxaioNIO", package: "txaio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
