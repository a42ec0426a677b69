using System.Globalization;

namespace MiniDns.Expressions;

/// <summary>A value of an expression. The default is nothing.</summary>
public readonly struct ExpressionValue
{
    private readonly object? _reference;
    private readonly long _bits;
    private readonly ExpressionType _type;

    private ExpressionValue(ExpressionType type, long bits, object? reference)
    {
        _type = type;
        _bits = bits;
        _reference = reference;
    }

    /// <summary>What it is; never <see cref="ExpressionType.Any"/>.</summary>
    public ExpressionType Type => _type == ExpressionType.Any ? ExpressionType.Nil : _type;

    /// <summary>The truth value of a <see cref="ExpressionType.Bool"/>.</summary>
    public bool Bool => _bits != 0;

    /// <summary>The number of an <see cref="ExpressionType.Int"/>.</summary>
    public long Int => _bits;

    /// <summary>The number of an <see cref="ExpressionType.Int"/> or <see cref="ExpressionType.Float"/>.</summary>
    public double Number => _type == ExpressionType.Int ? _bits : BitConverter.Int64BitsToDouble(_bits);

    /// <summary>The text of a <see cref="ExpressionType.String"/>.</summary>
    public string Text => (string)_reference!;

    /// <summary>The values of a <see cref="ExpressionType.List"/>.</summary>
    public IReadOnlyList<ExpressionValue> List => (IReadOnlyList<ExpressionValue>)_reference!;

    /// <summary>True for a number of either kind.</summary>
    public bool IsNumber => _type is ExpressionType.Int or ExpressionType.Float;

    /// <summary>True or false.</summary>
    public static ExpressionValue From(bool value) => new(ExpressionType.Bool, value ? 1 : 0, null);

    /// <summary>A whole number.</summary>
    public static ExpressionValue From(long value) => new(ExpressionType.Int, value, null);

    /// <summary>A number with a fraction.</summary>
    public static ExpressionValue From(double value) => new(ExpressionType.Float, BitConverter.DoubleToInt64Bits(value), null);

    /// <summary>Text.</summary>
    public static ExpressionValue From(string value) => new(ExpressionType.String, 0, value);

    /// <summary>Values in an order.</summary>
    public static ExpressionValue From(IReadOnlyList<ExpressionValue> value) => new(ExpressionType.List, 0, value);

    /// <summary>True when the other value is the same: numbers by what they are worth, lists element by element.</summary>
    public bool Same(in ExpressionValue other)
    {
        if (IsNumber && other.IsNumber)
        {
            return Type == ExpressionType.Int && other.Type == ExpressionType.Int ? Int == other.Int : Number == other.Number;
        }

        if (Type != other.Type)
        {
            return false;
        }

        switch (Type)
        {
            case ExpressionType.Bool:
                return Bool == other.Bool;
            case ExpressionType.String:
                return string.Equals(Text, other.Text, StringComparison.Ordinal);
            case ExpressionType.List:
                IReadOnlyList<ExpressionValue> left = List;
                IReadOnlyList<ExpressionValue> right = other.List;
                if (left.Count != right.Count)
                {
                    return false;
                }

                for (int i = 0; i < left.Count; i++)
                {
                    if (!left[i].Same(right[i]))
                    {
                        return false;
                    }
                }

                return true;
            default:
                return true;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Type switch
    {
        ExpressionType.Bool => Bool ? "true" : "false",
        ExpressionType.Int => Int.ToString(CultureInfo.InvariantCulture),
        ExpressionType.Float => Number.ToString("R", CultureInfo.InvariantCulture),
        ExpressionType.String => Text,
        ExpressionType.List => "[" + string.Join(' ', List.Select(v => v.ToString())) + "]",
        _ => "nil",
    };
}
