using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Plugins.Capabilities;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Building;

/// <summary>A configuration checked and laid out, with nothing opened or started yet.</summary>
internal sealed class ServerPlan
{
    /// <summary>The addresses to serve.</summary>
    public required IReadOnlyList<EndpointPlan> Endpoints { get; init; }

    /// <summary>Watchers, probes and the like, in the order they start.</summary>
    public required IReadOnlyList<IServerComponent> Components { get; init; }

    /// <summary>HTTP pages.</summary>
    public required IReadOnlyList<(HttpSideEndpoint Page, SourceSpan Span)> Pages { get; init; }

    /// <summary>Those that want to know that the plan serves.</summary>
    public required IReadOnlyList<IServingListener> ServingListeners { get; init; }

    /// <summary>Those that want to know of a stop beforehand.</summary>
    public required IReadOnlyList<IShutdownListener> ShutdownListeners { get; init; }

    /// <summary>What a later plan may take over.</summary>
    public required IReadOnlyList<(string Block, Type Type, object Capability)> Kept { get; init; }

    /// <summary>Every file the configuration was read from.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Those of the files that plugins named.</summary>
    public required IReadOnlyList<string> OtherFiles { get; init; }

    /// <summary>A digest of those files (SHA-512, hexadecimal).</summary>
    public required Lazy<string> Fingerprint { get; init; }

    /// <summary>True when a block has <c>debug</c>: debug messages are logged, whichever block they are about.</summary>
    public required bool Debug { get; init; }

    /// <summary>True when a block wants to know where exceptions of handlers came from.</summary>
    public required bool StackTraces { get; init; }

    /// <summary>Counts the queries under way in the plan's chains.</summary>
    public required PlanUse Use { get; init; }

    /// <summary>Sees the messages that no block takes; null when nobody wants to.</summary>
    public required IStrayObserver? StrayObserver { get; init; }

    /// <summary>The gauges of the plan's plugins, not shown before it runs.</summary>
    public required MetricRegistry Gauges { get; init; }
}
