namespace MiniDns.Testing.Kubernetes;

/// <summary>A part of a list.</summary>
internal sealed record FakeApiPage(IReadOnlyList<FakeApiObject> Items, long Version, string Continue, int Remaining);
