using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using MiniDns.Protocol.Messages;

namespace MiniDns.Queries;

/// <summary>Makes and checks server cookies (RFC 7873) in the form that servers of all makers share (RFC 9018). Any thread may use it.</summary>
/// <remarks>The secret is random and another one every day; what the one before it signed stays good for the hour that a cookie lives.
/// Servers that share an address are given a common secret (<see cref="UseSecrets"/>), which does not change by itself.</remarks>
/// <param name="time">The clock; cookies hold its time of day.</param>
public sealed class CookieJar(TimeProvider time)
{
    /// <summary>The octets of the COOKIE option in a reply, its code and length included.</summary>
    public const int OptionLength = 4 + ClientLength + ServerLength;

    /// <summary>The octets of a secret.</summary>
    public const int SecretLength = 16;

    /// <summary>How old a cookie may be, in seconds (RFC 9018 §4.3).</summary>
    internal const int LifeTime = 3600;

    /// <summary>How far ahead of this server's clock a cookie's time may be, in seconds (RFC 9018 §4.3).</summary>
    internal const int Ahead = 300;

    /// <summary>How long a secret signs new cookies, in seconds.</summary>
    internal const int SecretLifeTime = 86400;

    private const int ClientLength = 8;
    private const int ServerLength = 16;

    private readonly Lock _rolling = new();
    private Secrets _secrets = new(NewSecret(), null, SecondsOf(time), Rolls: true);

    /// <summary>Looks at a query's cookie.</summary>
    public CookieVerdict Check(DnsQuery query)
    {
        EdnsView edns = query.Edns;
        if (edns.CookieOffset == 0 || edns.CookieLength < ClientLength)
        {
            return CookieVerdict.None;
        }

        if (edns.CookieLength == ClientLength)
        {
            return CookieVerdict.ClientOnly;
        }

        ReadOnlySpan<byte> cookie = query.Wire.Slice(edns.CookieOffset, edns.CookieLength);
        return IsGood(cookie, query.Client, SecondsOf(time)) ? CookieVerdict.Good : CookieVerdict.Bad;
    }

    /// <summary>Writes the COOKIE option of the reply to a query that has one: the client's part, and a fresh one of the server.</summary>
    /// <param name="query">The query.</param>
    /// <param name="option">Takes <see cref="OptionLength"/> octets.</param>
    public void WriteOption(DnsQuery query, Span<byte> option)
    {
        long now = SecondsOf(time);
        BinaryPrimitives.WriteUInt16BigEndian(option, (ushort)EdnsOptionCode.Cookie);
        BinaryPrimitives.WriteUInt16BigEndian(option[2..], ClientLength + ServerLength);
        Span<byte> cookie = option.Slice(4, ClientLength + ServerLength);
        query.Wire.Slice(query.Edns.CookieOffset, ClientLength).CopyTo(cookie);
        cookie[8] = 1;
        cookie[9..12].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(cookie[12..], (uint)now);
        BinaryPrimitives.WriteUInt64LittleEndian(cookie[16..], Sign(SecretsOf(now).Current, cookie, query.Client));
    }

    /// <summary>Uses secrets that other servers have too, from now on; they stay until they are replaced.</summary>
    /// <param name="current">Signs new cookies; <see cref="SecretLength"/> octets.</param>
    /// <param name="other">Is good in cookies that clients send: the secret before, or the next one. Null for none.</param>
    public void UseSecrets(ReadOnlySpan<byte> current, byte[]? other)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(current.Length, SecretLength, nameof(current));
        lock (_rolling)
        {
            Volatile.Write(ref _secrets, new Secrets(Read(current), other is null ? null : Read(other), 0, Rolls: false));
        }
    }

    private static long SecondsOf(TimeProvider time) => time.GetUtcNow().ToUnixTimeSeconds();

    private static UInt128 Read(ReadOnlySpan<byte> secret) => BinaryPrimitives.ReadUInt128LittleEndian(secret);

    /// <summary>128 bits that nobody can guess.</summary>
    /// <remarks>GUIDs are made by the system's generator, and hold 122 bits of it; the class for random numbers would load OpenSSL into a
    /// server that may never need it.</remarks>
    private static UInt128 NewSecret()
    {
        Span<Guid> two = [Guid.NewGuid(), Guid.NewGuid()];
        Span<ulong> words = MemoryMarshal.Cast<Guid, ulong>(two);
        return new UInt128(words[0] ^ BitOperations.RotateLeft(words[3], 29), words[1] ^ BitOperations.RotateLeft(words[2], 29));
    }

    /// <summary>The hash of RFC 9018 §4.4: everything of the cookie before the hash, and the client's address.</summary>
    private static ulong Sign(UInt128 secret, ReadOnlySpan<byte> cookie, in ClientAddress client)
    {
        Span<byte> signed = stackalloc byte[32];
        cookie[..16].CopyTo(signed);
        int length = 16 + client.WriteOctets(signed[16..]);
        return SipHash.Compute((ulong)secret, (ulong)(secret >> 64), signed[..length]);
    }

    private bool IsGood(ReadOnlySpan<byte> cookie, in ClientAddress client, long now)
    {
        if (cookie.Length != ClientLength + ServerLength || cookie[8] != 1)
        {
            return false;
        }

        // Serial arithmetic: the time of day in 32 bits will wrap around.
        int age = (int)((uint)now - BinaryPrimitives.ReadUInt32BigEndian(cookie[12..]));
        if (age is > LifeTime or < -Ahead)
        {
            return false;
        }

        ulong hash = BinaryPrimitives.ReadUInt64LittleEndian(cookie[16..]);
        Secrets secrets = SecretsOf(now);
        return hash == Sign(secrets.Current, cookie, client) || (secrets.Other is { } other && hash == Sign(other, cookie, client));
    }

    private Secrets SecretsOf(long now)
    {
        Secrets secrets = Volatile.Read(ref _secrets);
        return secrets.Rolls && now - secrets.Since >= SecretLifeTime ? Roll(now) : secrets;
    }

    private Secrets Roll(long now)
    {
        lock (_rolling)
        {
            // Somebody else may have been first. Cookies outlive their secret's turn, but not the next one's.
            if (_secrets.Rolls && now - _secrets.Since >= SecretLifeTime)
            {
                Volatile.Write(ref _secrets, new Secrets(NewSecret(), _secrets.Current, now, Rolls: true));
            }

            return _secrets;
        }
    }

    private sealed record Secrets(UInt128 Current, UInt128? Other, long Since, bool Rolls);
}
