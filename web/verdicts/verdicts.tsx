export const VerdictsScreen = () => null
