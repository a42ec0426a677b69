using System.Globalization;
using System.Net;
using MiniDns.Client.Transfers;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones;

namespace MiniDns.Plugins.Secondary;

/// <summary>Asks the primaries of a zone, one after the other, until one of them can help.</summary>
internal sealed class ZoneConversation(DnsName origin, SecondaryOptions options, SecondaryContext context)
{
    /// <summary>How many warnings about a transfer's records are logged.</summary>
    private const int MaxWarnings = 10;

    private readonly string _name = origin.ToString();

    /// <summary>Asks.</summary>
    /// <param name="present">The present version; null for none.</param>
    /// <param name="isExpired">True when the present version is too old to be served: then any other version will do.</param>
    /// <param name="first">The primary to begin with; null for the first of the list.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public async Task<ConversationResult> RunAsync(Zone? present, bool isExpired, IPEndPoint? first, CancellationToken cancellationToken)
    {
        foreach (TransferPrimary primary in options.Primaries.OrderBy(p => p.Address.Equals(first) ? 0 : 1))
        {
            // One that has just sent a notification is there.
            if (!primary.Address.Equals(first) && context.Slots.IsSilent(primary.Address, context.Time))
            {
                Report(primary, "it did not answer a short while ago");
                continue;
            }

            using var session = new TransferSession(primary, origin, options.Transfer, context.Time, context.Random);
            ConversationResult result = await AskAsync(session, primary, present, isExpired, cancellationToken).ConfigureAwait(false);
            if (result != ConversationResult.Failed)
            {
                context.Slots.MarkHeard(primary.Address);
                return result;
            }
        }

        return ConversationResult.Failed;
    }

    private async Task<ConversationResult> AskAsync(TransferSession session, TransferPrimary primary, Zone? present, bool isExpired, CancellationToken cancellationToken)
    {
        if (present is not null)
        {
            SoaResult answer = await session.AskVersionAsync(cancellationToken).ConfigureAwait(false);
            if (answer.Failure is { } failure)
            {
                context.Meter.Failed.Increment();
                Report(primary, failure);
                return ConversationResult.Failed;
            }

            uint serial = answer.Version.Serial;
            if (serial == present.Serial)
            {
                context.Meter.Current.Increment();
                SecondaryLog.Current(context.Logger, _name, primary.ToString(), serial);
                return ConversationResult.Current;
            }

            bool isNewer = SerialNumber.IsNewer(serial, present.Serial);
            (isNewer ? context.Meter.Newer : context.Meter.Older).Increment();
            if (!isNewer && !isExpired)
            {
                Report(primary, string.Create(CultureInfo.InvariantCulture, $"it has serial {serial}, which is older than {present.Serial}"));
                return ConversationResult.Failed;
            }
        }

        if (present is not null && !isExpired)
        {
            (Zone? changed, TransferFailure? failure) = await TransferAsync(session, primary, present, TransferKind.Incremental, cancellationToken).ConfigureAwait(false);
            if (changed is not null)
            {
                return new ConversationResult(changed, false);
            }

            if (failure!.Error is TransferError.Unreachable or TransferError.TimedOut or TransferError.TooLarge or TransferError.BadSignature)
            {
                Report(primary, failure);
                return ConversationResult.Failed;
            }

            SecondaryLog.FallsBack(context.Logger, _name, primary.ToString(), failure.Reason);
        }

        (Zone? zone, TransferFailure? reason) = await TransferAsync(session, primary, isExpired ? null : present, TransferKind.Full, cancellationToken).ConfigureAwait(false);
        if (zone is null)
        {
            Report(primary, reason!);
            return ConversationResult.Failed;
        }

        return new ConversationResult(zone, false);
    }

    private async Task<(Zone? Zone, TransferFailure? Failure)> TransferAsync(TransferSession session, TransferPrimary primary, Zone? present, TransferKind asked, CancellationToken cancellationToken)
    {
        var update = new ZoneUpdate(origin, present, $"transfer from {primary}");
        ZoneVersion? version = asked == TransferKind.Incremental ? new ZoneVersion(present!.Soa.First.ToArray()) : null;
        TransferResult result = await session.TransferAsync(version, update, cancellationToken).ConfigureAwait(false);
        TransferFailure? failure = result.Failure;
        Zone? zone = null;
        if (failure is null && !update.TryBuild(out zone, out string? problem))
        {
            failure = new TransferFailure(TransferError.Malformed, problem!);
        }

        if (zone is not null && present is not null && !SerialNumber.IsNewer(zone.Serial, present.Serial))
        {
            failure = new TransferFailure(TransferError.Malformed, string.Create(CultureInfo.InvariantCulture, $"serial {zone.Serial} is not newer than {present.Serial}"));
        }

        context.Meter.Transferred(asked, failure is null);
        if (failure is not null)
        {
            return (null, failure);
        }

        foreach (ZoneProblem warning in update.Problems.Warnings.Take(MaxWarnings))
        {
            SecondaryLog.Problem(context.Logger, warning.ToString());
        }

        if (result.Foreign > 0)
        {
            SecondaryLog.Foreign(context.Logger, _name, primary.ToString(), result.Foreign);
        }

        string kind = result.Kind == TransferKind.Incremental ? "IXFR" : asked == TransferKind.Incremental ? "IXFR with all records" : "AXFR";
        SecondaryLog.Transferred(context.Logger, _name, primary.ToString(), kind, zone!.Serial, result.Records, result.Octets);
        return (zone, null);
    }

    private void Report(TransferPrimary primary, TransferFailure failure)
    {
        if (failure.Error == TransferError.TimedOut)
        {
            context.Slots.MarkSilent(primary.Address, context.Time);
        }

        Report(primary, failure.Reason);
    }

    private void Report(TransferPrimary primary, string reason) => SecondaryLog.PrimaryFailed(context.Logger, _name, primary.ToString(), reason);
}
