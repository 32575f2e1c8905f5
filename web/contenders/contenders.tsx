export const ContendersScreen = () => null
