using System.Collections.Concurrent;

namespace MiniDns.Cluster.Tests.Api;

/// <summary>Keeps what an API client counts.</summary>
internal sealed class RecordingMeter : IClusterApiMeter
{
    public ConcurrentQueue<string> Codes { get; } = new();

    public ConcurrentQueue<TimeSpan> Waits { get; } = new();

    public ConcurrentQueue<string> Spoilt { get; } = new();

    public void RequestFinished(string host, string method, string code, TimeSpan duration) => Codes.Enqueue(code);

    public void RequestWaited(string host, string method, TimeSpan duration) => Waits.Enqueue(duration);

    public void AnswerSpoilt(string host, string resource, string kind) => Spoilt.Enqueue($"{resource} {kind}");
}
