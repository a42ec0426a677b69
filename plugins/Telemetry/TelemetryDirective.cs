using MiniDns.Configuration;

namespace MiniDns.Plugins.Telemetry;

/// <summary>Where the directive stands, so that a second one is noticed.</summary>
internal sealed record TelemetryDirective(Directive Directive);
