using FsCheck;
using FsCheck.Fluent;

namespace MiniDns.Protocol.Tests.Messages;

public sealed class ProtocolFuzzTests
{
    [Fact]
    public void Well_formed_messages_survive_being_written_anew()
    {
        Prop.ForAll<int>(seed =>
        {
            byte[] message = MessageGenerator.Next(new Random(seed));
            Assert.Equal(ProtocolFuzzOutcome.RoundTripped, ProtocolFuzz.Run(message));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(100_000));
    }

    [Fact]
    public void Mutated_messages_never_throw_and_never_come_back_different()
    {
        for (int seed = 0; seed < 10_000; seed++)
        {
            var random = new Random(seed);
            byte[] message = MessageGenerator.Next(random, 4);
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                int at = random.Next(random.Next(3) == 0 ? Math.Min(40, message.Length) : message.Length);
                message[at] = random.Next(4) switch
                {
                    0 => (byte)random.Next(256),
                    1 => (byte)(message[at] ^ (1 << random.Next(8))),
                    2 => 0xC0,
                    _ => (byte)(message[at] + 1),
                };
            }

            if (random.Next(4) == 0)
            {
                message = message[..random.Next(message.Length)];
            }

            Assert.True(ProtocolFuzz.Run(message) != ProtocolFuzzOutcome.Mismatch, $"seed {seed}: {Convert.ToHexString(message)}");
        }
    }

    [Fact]
    public void Any_octets_are_taken()
    {
        Prop.ForAll<byte[]>(octets => Assert.NotEqual(ProtocolFuzzOutcome.Mismatch, ProtocolFuzz.Run(octets)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
        Prop.ForAll<byte[]>(octets => Assert.NotEqual(ProtocolFuzzOutcome.Mismatch, ProtocolFuzz.RunText(octets)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Every_prefix_of_a_message_is_malformed_or_whole()
    {
        byte[] message = MessageGenerator.Next(new Random(7));
        for (int length = 0; length < message.Length; length++)
        {
            Assert.Equal(ProtocolFuzzOutcome.Malformed, ProtocolFuzz.Run(message.AsSpan(0, length)));
        }
    }
}
