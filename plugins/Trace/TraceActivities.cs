using System.Diagnostics;

namespace MiniDns.Plugins.Trace;

/// <summary>Makes the activities of .NET, which exporters of OpenTelemetry take, from traces that have ended. A query on its way pays only for noting times.</summary>
internal static class TraceActivities
{
    private static readonly ActivitySource Source = new("MiniDns");

    static TraceActivities() => ActivitySource.AddActivityListener(new ActivityListener
    {
        ShouldListenTo = static s => ReferenceEquals(s, Source),
        Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
    });

    /// <summary>Adds the spans of a trace, each after the one that it is part of.</summary>
    public static void Add(List<Activity> spans, TraceRecord record)
    {
        int first = spans.Count;
        Activity.Current = null;        // whatever this thread does is not what the spans are part of
        foreach (ref readonly SpanData data in record.Spans)
        {
            bool isRoot = data.Parent < 0;
            ActivityKind kind = isRoot ? ActivityKind.Server : data.IsClient ? ActivityKind.Client : ActivityKind.Internal;
            ActivityContext parent = isRoot ? new ActivityContext(record.Id, record.ClientSpan, ActivityTraceFlags.Recorded, isRemote: true) : spans[first + data.Parent].Context;
            Activity span = Source.CreateActivity(data.Name, kind, parent)!;
            span.SetStartTime(record.TimeOf(data.Start));
            span.Start();
            foreach ((string name, string value) in data.Tags ?? [])
            {
                span.SetTag(name, value);
            }

            if (data.Error is { } error)
            {
                span.SetStatus(ActivityStatusCode.Error, error);
            }

            span.SetEndTime(record.TimeOf(data.End));
            span.Stop();
            spans.Add(span);
        }
    }
}
