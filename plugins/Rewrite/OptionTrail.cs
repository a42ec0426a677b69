using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary>The EDNS options of one query as rules change them: those that are sent on, and those that the client gets to see.</summary>
/// <remarks>A rule with <c>revert</c> changes what is sent on only. Of what the client gets to see, only local options are put
/// into the reply; the others mean something else there.</remarks>
internal sealed class OptionTrail
{
    private readonly OptionList _sent = new();
    private readonly OptionList _shown = new();
    private readonly List<Change> _changes = [];
    private bool _hasOwnSubnet;

    /// <summary>True when a rule applied.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        IsUsed = false;
        _hasOwnSubnet = false;
        _changes.Clear();
    }

    /// <summary>Sets an option: the first with its code, or a new one.</summary>
    public void Set(DnsQuery query, EdnsOptionCode code, ReadOnlySpan<byte> data, bool isLocal, bool isReverted)
    {
        Load(query);
        _sent.Set(code, data);
        if (!isReverted)
        {
            _shown.Set(code, data);
        }

        Finish(query, new Change(code, isLocal, isReverted), isSet: true);
    }

    /// <summary>Leaves the options as they are: from now on they are ours all the same.</summary>
    public void Touch(DnsQuery query)
    {
        Load(query);
        query.SetEdnsOptions(_sent.Octets, _hasOwnSubnet);
    }

    /// <summary>Removes the options with a code.</summary>
    public void Remove(DnsQuery query, EdnsOptionCode code)
    {
        Load(query);
        _sent.Remove(code);
        _shown.Remove(code);
        Finish(query, new Change(code, IsLocal: false, IsReverted: false), isSet: false);
    }

    /// <summary>Puts the options into the reply that belong there, and takes out those that do not.</summary>
    public void CompleteReply(DnsQuery query)
    {
        DnsResponse response = query.Response;
        foreach (Change change in _changes)
        {
            bool isShown = _shown.TryFind(change.Code, out ReadOnlySpan<byte> data);
            if (change.IsReverted && (change.IsLocal || !isShown))
            {
                response.RemoveOption(change.Code);
            }

            if (change.IsLocal && isShown && !OptionList.Contains(response.Options, change.Code))
            {
                response.AddOption(change.Code, data);
                query.RepliesWithEdns |= !change.IsReverted;
            }
        }
    }

    private void Load(DnsQuery query)
    {
        if (!IsUsed)
        {
            _sent.Load(query.EdnsOptions);
            _shown.Load(query.EdnsOptions);
            _hasOwnSubnet = query.HasOwnSubnet;
            IsUsed = true;
        }
    }

    private void Finish(DnsQuery query, Change change, bool isSet)
    {
        if (change.Code == EdnsOptionCode.ClientSubnet)
        {
            _hasOwnSubnet = isSet;
        }

        _changes.Add(change);
        query.SetEdnsOptions(_sent.Octets, _hasOwnSubnet);
    }

    private readonly record struct Change(EdnsOptionCode Code, bool IsLocal, bool IsReverted);
}
