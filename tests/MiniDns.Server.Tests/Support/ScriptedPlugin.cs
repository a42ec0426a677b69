using System.Globalization;
using System.Text;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Server.Tests.Support;

/// <summary>
/// <c>scripted</c>: does what the first label of the name says. <c>held-N</c> waits for <see cref="Release"/>, <c>wait-N</c> does too,
/// but lets go when the query is given up, <c>hop-N</c> answers from another thread, <c>throw</c> and <c>fault</c> fail now and later, <c>big-N</c> answers with N octets, <c>drop</c> not at all,
/// <c>hurry</c> not when it may not wait, <c>whose</c> with the text of the client's address and of ours;
/// everything else is answered at once.
/// </summary>
internal sealed class ScriptedPlugin : IDnsPlugin, IDnsHandler
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _held;
    private int _asked;

    public string Name => "scripted";

    /// <summary>How many queries wait.</summary>
    public int Held => Volatile.Read(ref _held);

    /// <summary>How many queries came.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public void Setup(PluginSetup setup) => setup.Use(_ => this);

    /// <summary>Lets all that wait go on.</summary>
    public void Release() => _release.TrySetResult();

    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        Interlocked.Increment(ref _asked);
        string[] words = Encoding.ASCII.GetString(query.LowerName.FirstLabel).Split('-');
        switch (words[0])
        {
            case "held":
                return HoldAsync(query);
            case "wait":
                return WaitAsync(query);
            case "hop":
                return HopAsync(query);
            case "throw":
                throw new InvalidOperationException("thrown on purpose");
            case "fault":
                return FaultAsync();
            case "hurry":
                return query.MayWait ? Answer(query, 1) : new ValueTask<DnsOutcome>(DnsOutcome.Dropped);
            case "drop":
                return new ValueTask<DnsOutcome>(DnsOutcome.Dropped);
            case "pass":
                return new ValueTask<DnsOutcome>(DnsOutcome.Unclaimed);
            case "whose":
                query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, (DnsRecordType)60000, DnsRecordClass.IN, 60, Encoding.ASCII.GetBytes($"{query.Client} {query.Local}"));
                return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
            case "big":
                return Answer(query, int.Parse(words[1], CultureInfo.InvariantCulture));
            default:
                return Answer(query, 1);
        }
    }

    private static ValueTask<DnsOutcome> Answer(DnsQuery query, int octets)
    {
        for (int type = 60000; octets > 0; type++)
        {
            int length = Math.Min(octets, 8000);
            query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, (DnsRecordType)type, DnsRecordClass.IN, 60, new byte[length]);
            octets -= length;
        }

        return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }

    private static async ValueTask<DnsOutcome> HopAsync(DnsQuery query)
    {
        await Task.Yield();
        return await Answer(query, 1);
    }

    private static async ValueTask<DnsOutcome> FaultAsync()
    {
        await Task.Yield();
        throw new InvalidOperationException("faulted on purpose");
    }

    private async ValueTask<DnsOutcome> HoldAsync(DnsQuery query)
    {
        Interlocked.Increment(ref _held);
        await _release.Task;
        Interlocked.Decrement(ref _held);
        return await Answer(query, 1);
    }

    private async ValueTask<DnsOutcome> WaitAsync(DnsQuery query)
    {
        Interlocked.Increment(ref _held);
        while (!query.IsAbandoned && !_release.Task.IsCompleted)
        {
            await Task.Delay(2);
        }

        Interlocked.Decrement(ref _held);
        return query.IsAbandoned ? DnsOutcome.Dropped : await Answer(query, 1);
    }
}
