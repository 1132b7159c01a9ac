// swift-tools-version: 6.2

import PackageDescription

// As a service of yours would have it, but for the path: take the repository's address and a version in its place.
let package = Package(
    name: "Gateway",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "txaio", path: "../..", traits: ["NIO", .defaults]),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.80.0"),
    ],
    targets: [
        .executableTarget(
            name: "Gateway",
            dependencies: [
                .product(name: "TxaioLog", package: "txaio"),
                .product(name: "TxaioCore", package: "txaio"),
                .product(name: "TxaioNIO", package: "txaio"),
                .product(name: "TxaioConfiguration", package: "txaio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        )
    ]
)
