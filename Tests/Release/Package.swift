// swift-tools-version: 6.2

// Programs that are measured as users build them: in release, as a package that depends on this one. Run by
// scripts/checks/40-allocations, 45-lifetimes and 50-disabled-cost.

import PackageDescription

let package = Package(
    name: "release-checks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "txaio", path: "../..", traits: ["LibSystemd"])],
    targets: [
        .target(name: "CAllocations"),
        .executableTarget(
            name: "Allocations",
            dependencies: [
                "CAllocations", .product(name: "TxaioLog", package: "txaio"),
                .product(name: "TxaioEmitters", package: "txaio"),
            ]
        ),
        .executableTarget(
            name: "Lifetimes",
            dependencies: ["CAllocations", .product(name: "TxaioLog", package: "txaio")]
        ),
        .executableTarget(name: "DisabledCost", dependencies: [.product(name: "TxaioLog", package: "txaio")]),
    ]
)
