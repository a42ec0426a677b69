using MiniDns.Configuration;

namespace MiniDns.Expressions;

/// <summary>A part of an expression.</summary>
/// <param name="type">What its value will be.</param>
internal abstract class ExpressionNode(ExpressionType type)
{
    /// <summary>What its value will be.</summary>
    public ExpressionType Type { get; } = type;

    /// <summary>Finds the value.</summary>
    /// <returns>False when something went wrong, which the context was told.</returns>
    public abstract bool TryEvaluate(ExpressionContext context, out ExpressionValue value);

    /// <summary>Evaluates a part whose value decides.</summary>
    protected static bool TryDecide(ExpressionNode node, ExpressionContext context, out bool isTrue)
    {
        bool isRight = node.TryEvaluate(context, out ExpressionValue value)
            && (value.Type == ExpressionType.Bool || context.Fail($"true or false is expected, not '{value}'"));
        isTrue = isRight && value.Bool;
        return isRight;
    }

    /// <summary>A value that is written in the expression.</summary>
    public sealed class Literal(ExpressionValue constant) : ExpressionNode(constant.Type)
    {
        /// <summary>The value.</summary>
        public ExpressionValue Constant => constant;

        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = constant;
            return true;
        }
    }

    /// <summary>A variable, or the element that a function over a list looks at.</summary>
    public sealed class Variable(int place, ExpressionType type) : ExpressionNode(type)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = context[place];
            return context.Step();
        }
    }

    /// <summary>A list that is written out.</summary>
    public sealed class Elements(ExpressionNode[] items) : ExpressionNode(ExpressionType.List)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            if (!context.TryTakeList(items.Length, out Span<ExpressionValue> values, out value))
            {
                return false;
            }

            for (int i = 0; i < values.Length; i++)
            {
                if (!items[i].TryEvaluate(context, out values[i]))
                {
                    return false;
                }
            }

            return context.Step();
        }
    }

    /// <summary>An operator between two values.</summary>
    public sealed class Operation(ExpressionOperator @operator, ExpressionType type, ExpressionNode left, ExpressionNode right) : ExpressionNode(type)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            return left.TryEvaluate(context, out ExpressionValue first)
                && right.TryEvaluate(context, out ExpressionValue second)
                && context.Step()
                && ExpressionOperators.TryApply(context, @operator, first, second, out value);
        }
    }

    /// <summary><c>not</c>.</summary>
    public sealed class Negation(ExpressionNode of) : ExpressionNode(ExpressionType.Bool)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            bool isRight = TryDecide(of, context, out bool isTrue) && context.Step();
            value = ExpressionValue.From(!isTrue);
            return isRight;
        }
    }

    /// <summary>A number with a sign.</summary>
    public sealed class Sign(bool isMinus, ExpressionNode of) : ExpressionNode(of.Type)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            if (!of.TryEvaluate(context, out value) || !context.Step())
            {
                return false;
            }

            if (!value.IsNumber)
            {
                return context.Fail($"'{(isMinus ? "-" : "+")}' does not fit '{value}'");
            }

            value = !isMinus ? value : value.Type == ExpressionType.Int ? ExpressionValue.From(unchecked(-value.Int)) : ExpressionValue.From(-value.Number);
            return true;
        }
    }

    /// <summary><c>and</c> and <c>or</c>, which look at their second operand only when the first does not decide.</summary>
    public sealed class Choice(bool stopsAt, ExpressionNode left, ExpressionNode right) : ExpressionNode(ExpressionType.Bool)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            if (!context.Step() || !TryDecide(left, context, out bool first))
            {
                return false;
            }

            bool result = first;
            if (first != stopsAt && !TryDecide(right, context, out result))
            {
                return false;
            }

            value = ExpressionValue.From(result);
            return true;
        }
    }

    /// <summary><c>condition ? a : b</c>.</summary>
    public sealed class Condition(ExpressionNode condition, ExpressionNode yes, ExpressionNode no)
        : ExpressionNode(yes.Type == no.Type ? yes.Type : ExpressionType.Any)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            return context.Step() && TryDecide(condition, context, out bool isTrue) && (isTrue ? yes : no).TryEvaluate(context, out value);
        }
    }

    /// <summary><c>a ?? b</c>: the second when the first is nothing.</summary>
    public sealed class Fallback(ExpressionNode first, ExpressionNode second) : ExpressionNode(first.Type == second.Type ? first.Type : ExpressionType.Any)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value) =>
            first.TryEvaluate(context, out value) && context.Step() && (value.Type != ExpressionType.Nil || second.TryEvaluate(context, out value));
    }

    /// <summary><c>let name = value; rest</c>.</summary>
    public sealed class Let(int place, ExpressionNode from, ExpressionNode rest) : ExpressionNode(rest.Type)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            if (!from.TryEvaluate(context, out value))
            {
                return false;
            }

            context[place] = value;
            return context.Step() && rest.TryEvaluate(context, out value);
        }
    }

    /// <summary><c>text matches "regular expression"</c>.</summary>
    public sealed class Matching(ExpressionNode text, GoRegex pattern) : ExpressionNode(ExpressionType.Bool)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            if (!text.TryEvaluate(context, out ExpressionValue subject) || !context.Step())
            {
                return false;
            }

            if (subject.Type != ExpressionType.String)
            {
                return context.Fail($"'matches' takes text, not '{subject}'");
            }

            value = ExpressionValue.From(pattern.Regex.IsMatch(subject.Text));
            return true;
        }
    }

    /// <summary>An element by its place, counted from the end when it is negative.</summary>
    public sealed class Element(ExpressionNode of, ExpressionNode place) : ExpressionNode(of.Type == ExpressionType.String ? ExpressionType.String : ExpressionType.Any)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            if (!of.TryEvaluate(context, out ExpressionValue all) || !place.TryEvaluate(context, out ExpressionValue at) || !context.Step())
            {
                return false;
            }

            int count = all.Type is ExpressionType.String or ExpressionType.List ? all.Count : -1;
            if (count < 0 || at.Type != ExpressionType.Int)
            {
                return context.Fail("a whole number in brackets is expected, behind a list or a text");
            }

            long index = at.Int < 0 ? at.Int + count : at.Int;
            if (index < 0 || index >= count)
            {
                return context.Fail($"there is no element {at.Int}; there are {count}");
            }

            value = all.Type == ExpressionType.String ? all.Part((int)index, 1) : all.At((int)index);
            return true;
        }
    }

    /// <summary>A part of a list or a text, from one place up to another.</summary>
    public sealed class Part(ExpressionNode of, ExpressionNode? from, ExpressionNode? to) : ExpressionNode(of.Type)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            ExpressionValue start = ExpressionValue.From(0L);
            ExpressionValue end = ExpressionValue.From(long.MaxValue);
            if (!of.TryEvaluate(context, out ExpressionValue all)
                || (from is not null && !from.TryEvaluate(context, out start))
                || (to is not null && !to.TryEvaluate(context, out end))
                || !context.Step())
            {
                return false;
            }

            int count = all.Type is ExpressionType.String or ExpressionType.List ? all.Count : -1;
            if (count < 0 || start.Type != ExpressionType.Int || end.Type != ExpressionType.Int)
            {
                return context.Fail("whole numbers in brackets are expected, behind a list or a text");
            }

            int first = (int)Math.Clamp(start.Int < 0 ? start.Int + count : start.Int, 0, count);
            int last = (int)Math.Clamp(end.Int < 0 ? end.Int + count : end.Int, first, count);
            value = all.Part(first, last - first);
            return true;
        }
    }

    /// <summary>A function and its arguments.</summary>
    public sealed class Call(ExpressionFunction function, ExpressionNode[] arguments) : ExpressionNode(function.Result)
    {
        /// <inheritdoc/>
        public override bool TryEvaluate(ExpressionContext context, out ExpressionValue value)
        {
            value = default;
            if (!context.Step())
            {
                return false;
            }

            var values = default(ExpressionFunction.Arguments);
            for (int i = 0; i < arguments.Length; i++)
            {
                if (!arguments[i].TryEvaluate(context, out values[i]))
                {
                    return false;
                }

                ExpressionType wanted = function.Parameters[i];
                if (wanted == ExpressionType.Float && values[i].Type == ExpressionType.Int)
                {
                    continue;
                }

                if (wanted != ExpressionType.Any && values[i].Type != wanted)
                {
                    return context.Fail($"{function.Name}: '{values[i]}' is not of type {ExpressionOperators.NameOf(wanted)}");
                }
            }

            return function.Invoke(context, ((ReadOnlySpan<ExpressionValue>)values)[..arguments.Length], out value);
        }
    }
}
