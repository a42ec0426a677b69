using System.Globalization;
using System.Net;
using MiniDns.Client.Transfers;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones;

namespace MiniDns.Plugins.Primaries;

/// <summary>Asks the primaries of a zone, one after the other, until one of them can help.</summary>
/// <typeparam name="T">A version of the zone.</typeparam>
/// <param name="origin">The zone's name.</param>
/// <param name="options">Its primaries.</param>
/// <param name="context">What all zones share.</param>
/// <param name="format">How versions are made.</param>
internal sealed class ZoneConversation<T>(DnsName origin, TransferSource options, TransferContext context, ITransferFormat<T> format)
    where T : class
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
    public async Task<ConversationResult<T>> RunAsync(T? present, bool isExpired, IPEndPoint? first, CancellationToken cancellationToken)
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
            ConversationResult<T> result = await AskAsync(session, primary, present, isExpired, cancellationToken).ConfigureAwait(false);
            if (result != ConversationResult<T>.Failed)
            {
                context.Slots.MarkHeard(primary.Address);
                return result;
            }
        }

        return ConversationResult<T>.Failed;
    }

    private async Task<ConversationResult<T>> AskAsync(TransferSession session, TransferPrimary primary, T? present, bool isExpired, CancellationToken cancellationToken)
    {
        if (present is not null)
        {
            SoaResult answer = await session.AskVersionAsync(cancellationToken).ConfigureAwait(false);
            if (answer.Failure is { } failure)
            {
                context.Meter.Failed.Increment();
                Report(primary, failure);
                return ConversationResult<T>.Failed;
            }

            uint serial = answer.Version.Serial;
            if (serial == format.SerialOf(present))
            {
                context.Meter.Current.Increment();
                TransferLog.Current(context.Logger, _name, primary.ToString(), serial);
                return ConversationResult<T>.Current;
            }

            bool isNewer = SerialNumber.IsNewer(serial, format.SerialOf(present));
            (isNewer ? context.Meter.Newer : context.Meter.Older).Increment();
            if (!isNewer && !isExpired)
            {
                Report(primary, string.Create(CultureInfo.InvariantCulture, $"it has serial {serial}, which is older than {format.SerialOf(present)}"));
                return ConversationResult<T>.Failed;
            }
        }

        if (present is not null && !isExpired)
        {
            (T? changed, TransferFailure? failure) = await TransferAsync(session, primary, present, TransferKind.Incremental, cancellationToken).ConfigureAwait(false);
            if (changed is not null)
            {
                return new ConversationResult<T>(changed, false);
            }

            if (failure!.Error is TransferError.Unreachable or TransferError.TimedOut or TransferError.TooLarge or TransferError.BadSignature)
            {
                Report(primary, failure);
                return ConversationResult<T>.Failed;
            }

            TransferLog.FallsBack(context.Logger, _name, primary.ToString(), failure.Reason);
        }

        (T? zone, TransferFailure? reason) = await TransferAsync(session, primary, isExpired ? null : present, TransferKind.Full, cancellationToken).ConfigureAwait(false);
        if (zone is null)
        {
            Report(primary, reason!);
            return ConversationResult<T>.Failed;
        }

        return new ConversationResult<T>(zone, false);
    }

    private async Task<(T? Zone, TransferFailure? Failure)> TransferAsync(TransferSession session, TransferPrimary primary, T? present, TransferKind asked, CancellationToken cancellationToken)
    {
        TransferUpdate<T> update = format.Update(origin, present, $"transfer from {primary}");
        ZoneVersion? version = asked == TransferKind.Incremental ? new ZoneVersion(format.SoaOf(present!).ToArray()) : null;
        TransferResult result = await session.TransferAsync(version, update, cancellationToken).ConfigureAwait(false);
        TransferFailure? failure = result.Failure;
        T? zone = null;
        if (failure is null && !update.TryBuild(out zone, out string? problem))
        {
            failure = new TransferFailure(TransferError.Malformed, problem!);
        }

        if (zone is not null && present is not null && !SerialNumber.IsNewer(format.SerialOf(zone), format.SerialOf(present)))
        {
            failure = new TransferFailure(TransferError.Malformed, string.Create(CultureInfo.InvariantCulture, $"serial {format.SerialOf(zone)} is not newer than {format.SerialOf(present)}"));
        }

        context.Meter.Transferred(asked, failure is null);
        if (failure is not null)
        {
            return (null, failure);
        }

        foreach (ZoneProblem warning in update.Problems.Warnings.Take(MaxWarnings))
        {
            TransferLog.Problem(context.Logger, warning.ToString());
        }

        if (result.Foreign > 0)
        {
            TransferLog.Foreign(context.Logger, _name, primary.ToString(), result.Foreign);
        }

        string kind = result.Kind == TransferKind.Incremental ? "IXFR" : asked == TransferKind.Incremental ? "IXFR with all records" : "AXFR";
        TransferLog.Transferred(context.Logger, _name, primary.ToString(), kind, format.SerialOf(zone!), result.Records, result.Octets);
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

    private void Report(TransferPrimary primary, string reason) => TransferLog.PrimaryFailed(context.Logger, _name, primary.ToString(), reason);
}
