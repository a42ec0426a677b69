using System.Globalization;
using MiniDns.Client;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Loop;

/// <summary>Sends a query for a random name through the block when the server has started, and again and again while there is a loop.</summary>
internal sealed class LoopProbe(LoopWatch watch, IQueryRunner queries, TimeProvider time, UpstreamRandom random) : IServerComponent
{
    private const int Attempts = 30;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenChecks = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private Task _probing = Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _probing = Task.Run(RunAsync, CancellationToken.None);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _probing;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            // A failure may mean that the upstreams, or we ourselves, are not there yet.
            for (int i = 0; i < Attempts && !await ProbeAsync(); i++)
            {
                await Task.Delay(BetweenAttempts, time, _stopping.Token);
            }

            while (watch.IsLooping)
            {
                await Task.Delay(BetweenChecks, time, _stopping.Token);
                await ProbeAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <summary>Sends one probe.</summary>
    /// <returns>True when it told something: an answer, or a loop.</returns>
    private async Task<bool> ProbeAsync()
    {
        if (!DnsName.TryParse($"{Label()}.{Label()}", watch.Zone, out DnsName? name, out _))
        {
            // The zone's name is so long that nothing random fits in front of it.
            return true;
        }

        DnsQuery query = queries.Rent(null, name.View, DnsRecordType.HINFO);
        watch.Expect(name);
        try
        {
            await queries.RunAsync(query);
            return watch.IsLooping || query.Failure is null;
        }
        finally
        {
            watch.Conclude();
            queries.Return(query);
        }
    }

    private string Label()
    {
        ulong number = 0;
        for (int i = 0; i < 4; i++)
        {
            number = (number << 16) | random.Next();
        }

        return (number >> 2).ToString(CultureInfo.InvariantCulture);
    }
}
