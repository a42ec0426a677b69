using System.Runtime.CompilerServices;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Cache;

/// <summary>What an entry is found by: name, type, class, DO and CD, compared in full; the hash only says where to look.</summary>
internal readonly ref struct CacheKey
{
    private const ulong Multiplier = 0xD6E8FEB86659FD93;

    /// <summary>Makes a key.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="nameHash">Its hash.</param>
    /// <param name="selector">The rest, from <see cref="SelectorOf"/>.</param>
    public CacheKey(DnsNameView name, ulong nameHash, ulong selector)
    {
        Name = name;
        Selector = selector;
        ulong mixed = (nameHash ^ (nameHash >> 32) ^ selector) * Multiplier;
        Hash = mixed ^ (mixed >> 29);
    }

    /// <summary>The name, in lower case.</summary>
    public DnsNameView Name { get; }

    /// <summary>Type, class and flag bits in one number.</summary>
    public ulong Selector { get; }

    /// <summary>The hash.</summary>
    public ulong Hash { get; private init; }

    /// <summary>The key of the question that a query works on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CacheKey Of(DnsQuery query) => new(
        query.LowerName,
        query.NameHash,
        SelectorOf(query.Type, query.Class, query.DnssecOk, query.Header.CheckingDisabled));

    /// <summary>Everything of a key but the name, as a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong SelectorOf(DnsRecordType type, DnsRecordClass @class, bool dnssecOk, bool checkingDisabled) =>
        (ushort)type | ((ulong)(ushort)@class << 16) | (dnssecOk ? 1ul << 32 : 0) | (checkingDisabled ? 1ul << 33 : 0);

    /// <summary>The type in a selector.</summary>
    public static DnsRecordType TypeIn(ulong selector) => (DnsRecordType)(ushort)selector;

    /// <summary>The class in a selector.</summary>
    public static DnsRecordClass ClassIn(ulong selector) => (DnsRecordClass)(ushort)(selector >> 16);

    /// <summary>True when a selector has DO.</summary>
    public static bool HasDnssecOk(ulong selector) => (selector & (1ul << 32)) != 0;

    /// <summary>The same key with a hash of the caller's choice: a collision on purpose.</summary>
    public CacheKey WithHash(ulong hash) => new(Name, 0, Selector) { Hash = hash };
}
