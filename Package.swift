// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let swiftConfiguration: [Target.Dependency] = [
    .product(
        name: "Configuration",
        package: "swift-configuration",
        condition: .when(traits: ["SwiftConfiguration"])
    ),
    .product(
        name: "ServiceLifecycle",
        package: "swift-service-lifecycle",
        condition: .when(traits: ["SwiftConfiguration"])
    ),
]

let package = Package(
    name: "txaio",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "TxaioLog", targets: ["TxaioLog"]),
        .library(name: "TxaioEmitters", targets: ["TxaioEmitters"]),
        .library(name: "TxaioCore", targets: ["TxaioCore"]),
        .library(name: "TxaioNIO", targets: ["TxaioNIO"]),
        .library(name: "TxaioRecovery", targets: ["TxaioRecovery"]),
        .library(name: "TxaioConfiguration", targets: ["TxaioConfiguration"]),
        .library(name: "TxaioSwiftConfiguration", targets: ["TxaioSwiftConfiguration"]),
        .library(name: "TxaioTesting", targets: ["TxaioTesting"]),
        .library(name: "TxaioNIOTesting", targets: ["TxaioNIOTesting"]),
        .executable(name: "txaio", targets: ["txaio"]),
    ],
    traits: [
        .trait(name: "Configuration", description: "Configuration files in YAML and JSON (brings Yams)."),
        .trait(name: "LibSystemd", description: "The journald transport of libsystemd (needs libsystemd-dev)."),
        .trait(name: "NIO", description: "Futures and timers on SwiftNIO's event loops (brings swift-nio)."),
        .trait(
            name: "SwiftConfiguration",
            description:
                "Logging as a section of a file that swift-configuration reads (brings it, and what it brings).",
            enabledTraits: ["Configuration"]
        ),
        .trait(name: "Tool", description: "The command-line tool txaio (brings swift-argument-parser)."),
        .default(enabledTraits: ["Configuration", "LibSystemd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(
            url: "https://github.com/apple/swift-configuration",
            from: "1.0.0",
            traits: [.defaults, "YAML", "Reloading"]
        ),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/jpsim/Yams", "5.4.0"..<"7.0.0"),
    ],
    targets: [
        .target(name: "CTxaio"),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "TxaioLog", dependencies: ["CTxaio"], swiftSettings: settings),
        .target(
            name: "TxaioEmitters",
            dependencies: [
                "TxaioLog", "CTxaio", .target(name: "CSystemd", condition: .when(traits: ["LibSystemd"])),
            ],
            path: "Sources/Emitters",
            swiftSettings: settings
        ),
        .target(name: "TxaioCore", dependencies: ["TxaioLog", "CTxaio"], swiftSettings: settings),
        .target(
            name: "TxaioNIO",
            dependencies: [
                "TxaioCore", "TxaioLog",
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["NIO"])),
            ],
            swiftSettings: settings
        ),
        .target(name: "TxaioRecovery", dependencies: ["TxaioLog", "CTxaio"], swiftSettings: settings),
        .target(
            name: "TxaioConfiguration",
            dependencies: [
                "TxaioLog", "TxaioEmitters", "TxaioRecovery", "CTxaio",
                .product(name: "Yams", package: "Yams", condition: .when(traits: ["Configuration"])),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "TxaioSwiftConfiguration",
            dependencies: ["TxaioConfiguration", "TxaioLog"] + swiftConfiguration,
            swiftSettings: settings
        ),
        .target(name: "TxaioTesting", dependencies: ["TxaioCore", "TxaioLog", "CTxaio"], swiftSettings: settings),
        .target(
            name: "TxaioNIOTesting",
            dependencies: [
                "TxaioNIO", "TxaioTesting", "TxaioCore", "TxaioLog", "CTxaio",
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["NIO"])),
                .product(name: "NIOEmbedded", package: "swift-nio", condition: .when(traits: ["NIO"])),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "txaio",
            dependencies: [
                "TxaioConfiguration", "TxaioEmitters", "TxaioLog", "TxaioRecovery",
                .target(name: "CSystemd", condition: .when(traits: ["LibSystemd"])),
                .product(
                    name: "ArgumentParser",
                    package: "swift-argument-parser",
                    condition: .when(traits: ["Tool"])
                ),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "txaio-conformance",
            dependencies: ["TxaioLog"],
            path: "Tests/Conformance",
            swiftSettings: settings
        ),
        .target(
            name: "CaptureFixture",
            dependencies: ["TxaioLog"],
            path: "Tests/Fixtures/CaptureFixture",
            swiftSettings: settings
        ),
        .target(name: "CLogProbe", path: "Tests/Fixtures/CLogProbe"),
        .executableTarget(
            name: "LogProbe",
            dependencies: ["TxaioLog", "TxaioTesting", "CLogProbe"],
            path: "Tests/Fixtures/LogProbe",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "JournaldProbe",
            dependencies: ["TxaioEmitters", "TxaioLog"],
            path: "Tests/Fixtures/JournaldProbe",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "CrashProbe",
            dependencies: ["TxaioRecovery", "TxaioEmitters", "TxaioLog", "CLogProbe"],
            path: "Tests/Fixtures/CrashProbe",
            swiftSettings: settings
        ),
        .testTarget(
            name: "TxaioLogTests",
            dependencies: ["TxaioLog", "TxaioTesting", "CTxaio", "CaptureFixture", "LogProbe"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TxaioCoreTests",
            dependencies: ["TxaioCore", "TxaioLog", "TxaioTesting"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TxaioNIOTests",
            dependencies: [
                "TxaioNIO", "TxaioNIOTesting", "TxaioCore", "TxaioLog", "TxaioTesting",
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["NIO"])),
                .product(name: "NIOEmbedded", package: "swift-nio", condition: .when(traits: ["NIO"])),
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["NIO"])),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ParityTests",
            dependencies: [
                "TxaioCore", "TxaioLog", "TxaioEmitters", "TxaioTesting", "TxaioNIO", "TxaioNIOTesting",
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["NIO"])),
            ],
            path: "Tests/Parity",
            swiftSettings: settings
        ),
        .testTarget(
            name: "TxaioEmittersTests",
            dependencies: ["TxaioEmitters", "TxaioLog", "TxaioTesting", "txaio"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TxaioRecoveryTests",
            dependencies: ["TxaioRecovery", "TxaioLog", "CrashProbe", "txaio"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TxaioConfigurationTests",
            dependencies: [
                "TxaioConfiguration", "TxaioEmitters", "TxaioLog", "TxaioRecovery", "TxaioTesting", "CTxaio", "txaio",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TxaioSwiftConfigurationTests",
            dependencies: ["TxaioSwiftConfiguration", "TxaioConfiguration", "TxaioLog"] + swiftConfiguration
        ),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu11
)
