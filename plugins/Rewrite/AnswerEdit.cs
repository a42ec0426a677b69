using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary>An answer that rules change on the way back.</summary>
internal ref struct AnswerEdit
{
    /// <summary>Octets of rdata that are read into memory on the stack; SRV, MX and the like are shorter by far.</summary>
    private const int MaxRdata = 2048;

    private readonly DnsResponse _response;
    private readonly Span<byte> _lower;
    private LowerText _name;

    /// <summary>Starts with the answer as it is, in the form of records.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="text"><see cref="DnsNameText.MaxChars"/> octets.</param>
    /// <param name="lower"><see cref="DnsNameView.MaxLength"/> octets.</param>
    public AnswerEdit(DnsResponse response, Span<byte> text, Span<byte> lower)
    {
        _response = response;
        _lower = lower;
        _name = new LowerText(text);
    }

    /// <summary>True when a name or a value was changed: nobody vouches for the answer any more.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>True when a name could not be changed because the answer is too large.</summary>
    public bool IsTooLarge { get; private set; }

    /// <summary>Replaces a response code.</summary>
    public void ReplaceCode(Protocol.Messages.DnsResponseCode from, Protocol.Messages.DnsResponseCode to)
    {
        if (_response.Code == from)
        {
            _response.Code = to;
            _response.Flags &= ~DnsResponseFlags.NoSuchName;
            IsChanged = true;
        }
    }

    /// <summary>Brings the TTLs into a range, in seconds.</summary>
    public readonly void ClampTtls(uint least, uint most)
    {
        ReadOnlySpan<ResponseEntry> entries = _response.Entries;
        for (int i = 0; i < entries.Length; i++)
        {
            uint ttl = Math.Clamp(entries[i].Ttl, least, most);
            if (ttl != entries[i].Ttl)
            {
                _response.SetTtl(i, ttl);
            }
        }
    }

    /// <summary>Changes the owner names that a pattern matches.</summary>
    public void RewriteOwners(NamePattern pattern)
    {
        Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
        for (int i = 0; i < _response.Entries.Length; i++)
        {
            Look(_response.OwnerOf(_response.Entries[i]));
            if (pattern.Rewrite(ref _name, wire, out int length) == NameChange.Changed)
            {
                SetOwner(i, new DnsNameView(wire[..length]));
            }
        }
    }

    /// <summary>Changes the owner names that are a name, or below it, to another name, or below that.</summary>
    public void MoveOwners(DnsNameView from, DnsNameView to)
    {
        Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
        for (int i = 0; i < _response.Entries.Length; i++)
        {
            if (TryMove(_response.OwnerOf(_response.Entries[i]), from, to, wire, out int length))
            {
                SetOwner(i, new DnsNameView(wire[..length]));
            }
        }
    }

    /// <summary>Changes the names in rdata that a pattern matches.</summary>
    public void RewriteValues(NamePattern pattern) => ChangeValues(pattern, default, default);

    /// <summary>Changes the names in rdata that are a name, or below it, to another name, or below that.</summary>
    public void MoveValues(DnsNameView from, DnsNameView to) => ChangeValues(null, from, to);

    private static bool TryMove(DnsNameView name, DnsNameView from, DnsNameView to, Span<byte> wire, out int length)
    {
        int head = name.Length - from.Length;
        length = head + to.Length;

        // Everything is below the root; what was meant is the root itself.
        if (!name.IsSubdomainOf(from) || (from.IsRoot && head > 0) || length > DnsNameView.MaxLength)
        {
            return false;
        }

        name.Wire[..head].CopyTo(wire);
        to.Wire.CopyTo(wire[head..]);
        return true;
    }

    private void ChangeValues(NamePattern? pattern, scoped DnsNameView from, scoped DnsNameView to)
    {
        Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
        for (int i = 0; i < _response.Entries.Length; i++)
        {
            ResponseEntry entry = _response.Entries[i];
            if (!ValueName.Has(entry.Type))
            {
                continue;
            }

            if (entry.Records is { } set)
            {
                foreach (ReadOnlySpan<byte> rdata in set)
                {
                    if (TryChange(entry.Type, rdata, pattern, from, to, wire, out _, out _, out _))
                    {
                        // Looked at again, record by record.
                        IsTooLarge |= !_response.TrySplit(i);
                        i--;
                        break;
                    }
                }

                if (IsTooLarge)
                {
                    return;
                }
            }
            else if (TryChange(entry.Type, _response.RdataOf(entry), pattern, from, to, wire, out int at, out int end, out int length))
            {
                SetValue(i, at, end, wire[..length]);
            }
        }
    }

    private bool TryChange(
        DnsRecordType type,
        scoped ReadOnlySpan<byte> rdata,
        NamePattern? pattern,
        scoped DnsNameView from,
        scoped DnsNameView to,
        scoped Span<byte> wire,
        out int at,
        out int end,
        out int length)
    {
        length = 0;
        if (!ValueName.TryFind(type, rdata, out at, out end))
        {
            return false;
        }

        DnsNameView name = new(rdata[at..end]);
        if (pattern is null)
        {
            return TryMove(name, from, to, wire, out length);
        }

        Look(name);
        return pattern.Rewrite(ref _name, wire, out length) == NameChange.Changed && !name.Equals(new DnsNameView(wire[..length]));
    }

    private void SetOwner(int index, scoped DnsNameView owner)
    {
        IsTooLarge |= !_response.TrySetOwner(index, owner);
        IsChanged = true;
    }

    private void SetValue(int index, int at, int end, scoped ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rdata = _response.RdataOf(_response.Entries[index]);
        int length = rdata.Length - (end - at) + name.Length;
        if (length > MaxRdata)
        {
            IsTooLarge = true;
            return;
        }

        Span<byte> changed = stackalloc byte[MaxRdata];
        rdata[..at].CopyTo(changed);
        name.CopyTo(changed[at..]);
        rdata[end..].CopyTo(changed[(at + name.Length)..]);
        IsTooLarge |= !_response.TrySetRdata(index, changed[..length]);
        IsChanged = true;
    }

    private void Look(scoped DnsNameView name)
    {
        name.CopyLowerTo(_lower);
        _name.Set(new DnsNameView(_lower[..name.Length]));
    }
}
