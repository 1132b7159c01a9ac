// swift-tools-version: 6.2

// Programs for libFuzzer, which brings their `main`: a package of their own, since a target without `main` cannot be
// linked into the tests. Built and run by scripts/faults fuzz.

import PackageDescription

let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "txaio", path: "..", traits: [])],
    targets: [
        .executableTarget(
            name: "RingFileFuzz",
            dependencies: [
                .product(name: "TxaioEmitters", package: "txaio"), .product(name: "TxaioLog", package: "txaio"),
                .product(name: "TxaioRecovery", package: "txaio"),
            ]
        )
    ]
)
